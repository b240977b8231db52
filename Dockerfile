# The program, beside the folder in which its archive lies:
#   docker build -t reddit-archive .
#   docker run --rm -u "$(id -u)" -v "$PWD:/notes" reddit-archive THREAD
FROM python:3.13-slim AS built
COPY . /source
RUN pip install --no-cache-dir --prefix=/installed '/source[dumps,parquet,warc]'

FROM python:3.13-slim
COPY --from=built /installed /usr/local
ENV HOME=/tmp
USER 1000
WORKDIR /notes
ENTRYPOINT ["archive"]
CMD ["--help"]
