"""Tables of Reddit's data export with ids of other things, recognized by their columns."""

import pytest

from reddit_archive.workflows.inputs import ListEntry, detect

URL = "https://www.reddit.com/r/x/comments"
MESSAGE = "https://www.reddit.com/message/messages/2bq9x1"
HEADERS = "id,permalink,thread_id,date,ip,from,to"
CHAT = (
    "message_id,created_at,updated_at,username,message,thread_parent_message_id,channel_url,"
    "subreddit,channel_name,conversation_type"
)
DRAFT = (
    "id,title,body,kind,created,spoiler,nsfw,original_content,content_category,flair_id,"
    "flair_text,send_replies,subreddit,is_public_link"
)
TABLES = {
    "message_headers": f"{HEADERS}\n2bq9x1,{MESSAGE},2bq9x0,2023-01-01 10:00:00 UTC,,me,you\n",
    "no addresses": f"{HEADERS}\n2bq9x1,,2bq9x0,2023-01-01 10:00:00 UTC,,me,you\n",
    "messages": f'{HEADERS},subject,body\n2bq9x1,{MESSAGE},2bq9x0,,,me,you,hi,"see {URL}/aa1/"\n',
    "only an address": f"id,permalink\n2bq9x1,{MESSAGE}\n",
    "relative address": "id,permalink,thread_id\n2bq9x1,/message/messages/2bq9x1,2bq9x0\n",
    "fullnames": "id,permalink,thread_id\nt4_2bq9x1,,2bq9x0\n",
    "chat_history": f"{CHAT}\n1_a,,,me,see {URL}/aa1/,,sendbird_group_channel_1,,,direct\n",
    "announcements": f"announcement_id,url,subject\nann_2bq9x1,{URL}/aa1/,new rules\n",
    "scheduled_posts": f"scheduled_post_id,title,url\n2bq9x1,mine,{URL}/aa1/\n",
    "drafts": f"{DRAFT}\n2bq9x1,mine,text,self,,,,,,,,true,t5_2qh0y,false\n",
    "multireddits": "id,display_name,is_owner\n2bq9x1,mine,true\n",
}
NAMES = ("message_headers.csv", "my.csv", "saved_posts.csv", "comments.csv", "-")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("table", TABLES)
def test_read__table_about_something_else_names_no_thread(table: str, name: str) -> None:
    assert detect.read(TABLES[table].encode(), name) == []


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_read__archived_message_headers_in_any_dialect(delimiter: str) -> None:
    text = TABLES["message_headers"].replace(",", delimiter).replace("\n", "\r\n")
    assert detect.read(text.encode("utf-16"), "messages_archive_headers.csv") == []


@pytest.mark.parametrize("name", ["messages.csv", "drafts_2.csv", "mine.csv"])
def test_read__address_of_a_thread_counts_in_any_table(name: str) -> None:
    text = f"id,permalink,from,to\n2bq9x1,{URL}/aa1/t/cc1/,me,you\n2bq9x2,,me,you\n"
    (found,) = detect.read(text.encode(), name)
    assert isinstance(found, ListEntry)
    assert (found.reference.post_id, found.reference.comment_id) == ("aa1", "cc1")


def test_read__one_message_among_posts_is_left_out() -> None:
    text = f"id,permalink\naa1,{URL}/aa1/t/\n2bq9x1,{MESSAGE}\naa2,\n"
    found = [each for each in detect.read(text.encode(), "x.csv") if isinstance(each, ListEntry)]
    assert [each.reference.post_id for each in found] == ["aa1", "aa2"]
