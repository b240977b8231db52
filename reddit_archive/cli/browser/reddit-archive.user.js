// ==UserScript==
// @name         reddit-archive: save this thread
// @namespace    https://github.com/reddit-archive/reddit-archive
// @version      1.0.0
// @description  Saves the Reddit thread that you are reading, with its comments, as one file for the program `archive`.
// @license      MIT
// @match        https://www.reddit.com/*
// @match        https://old.reddit.com/*
// @match        https://new.reddit.com/*
// @match        https://sh.reddit.com/*
// @match        https://np.reddit.com/*
// @grant        none
// @inject-into  auto
// @noframes
// @run-at       document-idle
// ==/UserScript==

// One click saves one thread. The script asks only the site of the page, one request after the
// other, and sends nothing anywhere else. It matches all pages because Reddit opens threads without
// loading a page; it does nothing on pages that are not threads. The bookmarklet is this code, too.
(() => {
  "use strict";

  const VERSION = "1.0.0";
  const START_AT_ONCE = false; // The bookmarklet has `true` here.
  const HOST_ID = "reddit-archive-panel";

  const PAUSE_SECONDS = 1; // Between two requests.
  const TIMEOUT_MS = 60_000;
  const MAX_TRIES = 5; // For errors of the server or the network.
  const MAX_FAILED_REQUESTS = 5;
  const MAX_WAITS = 10; // How often the answer to one request may be "wait".
  const MAX_WAIT_SECONDS = 3600;

  const MAX_PAGE_COMMENTS = 500; // Reddit's own limits.
  const MAX_IDS = 100; // /api/info ignores longer lists.
  const PAGE_LEVELS = 10;
  const SORT = "confidence"; // Without it, the order of the account or of the thread applies.
  const OTHER_SORTS = ["new", "old", "controversial", "top"];
  const ID = /^[0-9a-z]{1,13}$/;
  const THREAD_PATH = /^\/(?:(?:r|u|user)\/[^/]+\/)?comments\/([0-9a-z]{1,13})(?:\/|$)/i;

  // Estimates of the plan, which decide only in which order comments are requested.
  const SORT_PAGE_FACTOR = 0.7;
  const MIN_PAGE_GAIN = 50;
  const FULL_REQUEST_GAIN = 99;
  const DEEPER_PROBABILITY = 0.6;

  // The account's own fields, which are not saved

  // A test compares these lists with those of the program.
  const VIEWER_FIELDS = new Set([
    "access_token", "approved", "approved_at_utc", "approved_by", "auth_token",
    "author_is_blocked", "authorization", "ban_message", "ban_note", "banned_at_utc", "banned_by",
    "clicked", "client_secret", "cookie", "cookies", "csrf_token", "current_user", "has_mail",
    "has_mod_mail", "hidden", "id_token", "ignore_reports", "inbox_count", "is_friend", "likes",
    "logged_in_user", "loid", "mod_note", "mod_permissions", "mod_reason_by", "mod_reason_title",
    "mod_reports", "mod_reports_dismissed", "modhash", "notification_level", "num_reports",
    "password", "proxy_authorization", "reddit_session", "refresh_token", "removal_note",
    "removed", "removed_by", "report_reasons", "rte_mode", "saved", "session", "session_token",
    "session_tracker", "set_cookie", "spam", "steward_reports", "token", "token_v2",
    "unrepliable_reason", "user_reports", "user_reports_dismissed", "user_selection",
    "user_won_amount", "viewer", "viewer_id", "visited", "x_modhash", "x_reddit_session",
  ]);
  const VIEWER_PREFIXES = ["can_", "user_is_", "user_has_", "user_can_", "user_sr_", "user_flair_"];

  function isViewerField(name) {
    const snakeCase = name.replace(/([a-z])(?=[A-Z])/g, "$1_").toLowerCase().replaceAll("-", "_");
    return VIEWER_FIELDS.has(snakeCase) || VIEWER_PREFIXES.some((each) => snakeCase.startsWith(each));
  }

  function isLoginHeader(item) {
    // As some tools write it: {"name": …, "value": …}.
    return isObject(item) && "value" in item && typeof item.name === "string" && isViewerField(item.name);
  }

  function removeViewerFields(answer) {
    const pending = [answer];
    while (pending.length) {
      const value = pending.pop();
      if (Array.isArray(value)) {
        for (let index = value.length - 1; index >= 0; index--) {
          if (isLoginHeader(value[index])) value.splice(index, 1);
        }
      } else {
        Object.keys(value).filter(isViewerField).forEach((name) => delete value[name]);
      }
      for (const item of Object.values(value)) {
        if (item !== null && typeof item === "object") pending.push(item);
      }
    }
    return answer;
  }

  // Reddit's JSON

  function isObject(value) {
    return value !== null && typeof value === "object" && !Array.isArray(value);
  }

  function isListing(value) {
    return isObject(value) && value.kind === "Listing" && Array.isArray(value.data?.children);
  }

  function hasExpectedShape(request, answer) {
    if (request.kind === "children") return Array.isArray(answer?.json?.data?.things);
    if (request.kind === "info") return isListing(answer);
    return Array.isArray(answer) && answer.every(isListing);
  }

  function listThings(answer) {
    // In Reddit's order: each comment before its replies.
    const things = [];
    const pending = [answer];
    while (pending.length) {
      const value = pending.pop();
      const children = Array.isArray(value) ? value : value?.json?.data?.things ?? value?.data?.children;
      const isThing = ["t1", "t3", "more"].includes(value?.kind) && isObject(value.data);
      if (isThing) {
        things.push(value);
        if (isObject(value.data.replies)) pending.push(value.data.replies);
      } else if (Array.isArray(children)) {
        for (let index = children.length - 1; index >= 0; index--) pending.push(children[index]);
      }
    }
    return things;
  }

  const toLower = (value) => (typeof value === "string" ? value.toLowerCase() : "");
  const toId = (value) => (ID.test(toLower(value)) ? toLower(value) : "");
  const getFullname = (thing) => (toId(thing.data.id) ? `${thing.kind}_${toId(thing.data.id)}` : "");
  const getParent = (thing) => toLower(thing.data.parent_id);

  function getMoreIds(stub) {
    const { children } = stub.data;
    return Array.isArray(children) ? children.map(toId).filter(Boolean) : [];
  }

  // The comments that were fetched, and those that are known to be missing. Each missing comment
  // keeps the parent and the depth of the first stub that names it: later stubs may be wrong,
  // because Reddit names the post as parent of all comments that did not fit into an answer.

  class PartialThread {
    constructor(postName) {
      this.postName = postName;
      this.parents = new Map(); // Of the fetched comments.
      this.depths = new Map();
      this.descendantCounts = new Map();
      this.missing = new Map(); // Comments to request from morechildren or on a page.
      this.missingForInfo = new Map(); // Comments that only /api/info may still return.
      this.truncatedBranches = new Map(); // Comments whose replies are on no page so far.
      this.failedBranches = new Map();
      this.requestedPages = new Set();
      this.parentsWithReplies = new Set();
      this.unavailableIds = new Set(); // Named by Reddit, requested, and not returned.
      this.failedCount = 0; // Comments whose request failed for good.
      this.hasCompleteStubs = false;
    }

    get unfetchedReplies() {
      const counts = new Map([...this.failedBranches, ...this.truncatedBranches]);
      return [...counts].filter(([, count]) => count > 0);
    }

    get missingCount() {
      let count = this.missingForInfo.size + this.failedCount;
      this.missing.forEach((missing) => { count += missing.weight; });
      this.unfetchedReplies.forEach(([, replies]) => { count += replies; });
      return Math.round(count);
    }

    recordThings(things, isTree) {
      // Returns the comments that the stubs name. In a tree, the siblings of each comment are in
      // the answer or named by a stub.
      for (const thing of things) {
        const name = getFullname(thing);
        if (thing.kind === "t1" && name) {
          const parent = getParent(thing);
          this.recordComment(name, parent);
          if (isTree) {
            this.parentsWithReplies.add(parent);
            this.truncatedBranches.delete(parent);
          }
        }
      }
      const stubs = things.filter((thing) => thing.kind === "more");
      return new Set(stubs.flatMap((stub) => this.recordStub(stub)));
    }

    recordComment(name, parent) {
      if (this.parents.has(name)) return;
      this.missing.delete(name);
      this.parents.set(name, parent);
      this.depths.set(name, (this.depths.get(parent) ?? -1) + 1);
      for (let level = 1; level < PAGE_LEVELS && this.parents.has(parent); level++) {
        this.descendantCounts.set(parent, (this.descendantCounts.get(parent) ?? 0) + 1);
        parent = this.parents.get(parent);
      }
    }

    recordStub(stub) {
      const parent = getParent(stub);
      const names = getMoreIds(stub).map((id) => `t1_${id}`);
      if (!names.length && this.parents.has(parent) && !this.parentsWithReplies.has(parent)) {
        this.recordTruncatedBranch(parent, 0);
      }
      const count = stub.data.count;
      const weight = Number.isInteger(count) && names.length ? Math.max(1, count / names.length) : 1;
      for (const name of names) {
        if (!this.isSettled(name)) this.recordMissing(name, parent, weight, count === names.length);
      }
      return names;
    }

    isSettled(name) {
      const isUnavailable = this.unavailableIds.has(name.slice(3));
      return this.parents.has(name) || this.missingForInfo.has(name) || isUnavailable;
    }

    recordMissing(name, parent, weight, isLeaf) {
      const existing = this.missing.get(name);
      if (!existing) {
        const depth = (this.depths.get(parent) ?? -1) + 1;
        this.missing.set(name, { parent, depth, weight, isLeaf, isRequested: false, isDropped: false });
        return;
      }
      if (parent === this.postName && existing.depth > 0) this.hasCompleteStubs = true;
      if (isLeaf) {
        existing.weight = 1;
        existing.isLeaf = true;
      } else if (existing.parent === parent && !existing.isLeaf) {
        existing.weight = weight;
      }
    }

    recordTruncatedBranch(name, count) {
      if (!this.requestedPages.has(name)) this.truncatedBranches.set(name, count);
    }

    recordUnreturned(names, stubNames, newCount) {
      // A stub may name the comments that did not fit into an answer of morechildren, but need not.
      // An answer of deleted comments looks empty. So the comments are requested until nothing is
      // returned. /api/info shows the rest.
      const unreturned = names.filter((name) => this.missing.has(name));
      const isCertain = newCount === 0 && unreturned.length < MAX_IDS;
      for (const name of newCount ? unreturned.filter((each) => !stubNames.has(each)) : unreturned) {
        const missing = this.missing.get(name);
        missing.isRequested = true;
        missing.isDropped = isCertain || this.hasCompleteStubs || missing.depth === 0;
        if (missing.isDropped || !newCount) {
          this.missing.delete(name);
          this.missingForInfo.set(name, missing);
        }
      }
    }

    recordInfo(names, things) {
      const deletedThings = things.filter((thing) => thing.data.author === "[deleted]");
      const deleted = new Set(deletedThings.map(getFullname));
      for (const name of names) {
        const missing = this.missing.get(name) ?? this.missingForInfo.get(name);
        this.missing.delete(name);
        this.missingForInfo.delete(name);
        if (!this.parents.has(name)) {
          this.unavailableIds.add(name.slice(3));
        } else if (missing && missing.weight !== 1 && !(deleted.has(name) && missing.isDropped)) {
          this.recordTruncatedBranch(name, Math.max(1, Math.round(missing.weight) - 1));
        }
      }
    }

    recordFailedRequest(names, isPage) {
      // The stubs that name these comments stay in the file: they are its gaps.
      for (const name of names) {
        this.failedBranches.set(name, this.truncatedBranches.get(name) ?? 0);
        this.truncatedBranches.delete(name);
        if (!isPage) {
          this.failedCount += this.missing.get(name)?.weight ?? 1;
          this.missing.delete(name);
          this.missingForInfo.delete(name);
        }
      }
    }

    countPageOnlyComments() {
      // What the page of a comment can show, by parent and depth, with the comments below.
      const groups = new Map();
      for (const parent of this.truncatedBranches.keys()) {
        const depth = this.depths.get(parent) + 1;
        groups.set(`${parent} ${depth}`, { parent, depth, count: 1, weight: 1 });
      }
      for (const { parent, depth, weight, isLeaf } of this.missing.values()) {
        if (isLeaf) continue;
        const key = `${parent} ${depth}`;
        const group = groups.get(key) ?? { parent, depth, count: 0, weight: 0 };
        groups.set(key, { parent, depth, count: group.count + 1, weight: group.weight + weight - 1 });
      }
      return [...groups.values()];
    }
  }

  // The next request, so that a whole thread takes few requests. Each time it is the one that is
  // expected to return the most missing comments:
  //   page      the thread's page, in another order
  //   focus     the page of one comment: up to 500 comments within ten levels
  //   children  morechildren: up to 100 comments, all of one depth, with their replies
  //   info      up to 100 comments by id, from any depth, without replies

  class ThreadPlan {
    constructor(postName) {
      this.thread = new PartialThread(postName);
      this.sentKeys = new Set();
      this.maxChildren = MAX_IDS;
      this.remainingSorts = OTHER_SORTS;
    }

    chooseRequest() {
      if (!this.sentKeys.size) return this.send({ kind: "page", names: [], sort: SORT });
      const pooled = this.chooseLargest(this.listPooledRequests());
      if (pooled && pooled.gain >= FULL_REQUEST_GAIN) return this.send(pooled.request);
      const best = this.chooseLargest([...(pooled ? [pooled] : []), ...this.listFocusRequests()]);
      return best ? this.send(best.request) : null;
    }

    send(request) {
      this.sentKeys.add(getKey(request));
      if (request.kind === "focus") this.thread.requestedPages.add(request.names[0]);
      return request;
    }

    addAnswer(request, answer) {
      const thread = this.thread;
      const things = listThings(answer);
      const previousCount = thread.parents.size;
      const stubNames = thread.recordThings(things, request.kind !== "info");
      const newCount = thread.parents.size - previousCount;
      if (request.kind === "page" && request.sort !== SORT && newCount < MAX_IDS) this.remainingSorts = [];
      if (request.kind === "focus") thread.truncatedBranches.delete(request.names[0]);
      if (request.kind === "children") thread.recordUnreturned(request.names, stubNames, newCount);
      if (request.kind === "info") thread.recordInfo(request.names, things);
    }

    addFailure(request, isTooLarge) {
      if (request.kind === "children" && isTooLarge && request.names.length > 1) {
        this.maxChildren = Math.floor(request.names.length / 2);
        return;
      }
      if (request.kind === "page") this.remainingSorts = [];
      this.thread.recordFailedRequest(request.names, request.kind === "focus");
    }

    chooseLargest(candidates) {
      let best = null;
      for (const candidate of candidates) {
        const isSent = this.sentKeys.has(getKey(candidate.request));
        if (!isSent && (!best || candidate.gain > best.gain)) best = candidate;
      }
      return best;
    }

    listPooledRequests() {
      const { missing, missingForInfo, requestedPages } = this.thread;
      const infoNames = [...missingForInfo.keys()];
      const namesByDepth = new Map();
      let nearWeight = 0;
      for (const [name, each] of missing) {
        const isNear = each.depth < PAGE_LEVELS;
        if (isNear) nearWeight += each.weight;
        if (each.isLeaf || (!isNear && requestedPages.has(each.parent))) {
          infoNames.push(name);
        } else if (isNear) {
          if (!namesByDepth.has(each.depth)) namesByDepth.set(each.depth, []);
          namesByDepth.get(each.depth).push(name);
        }
      }
      return [
        ...this.listPageRequests(nearWeight),
        ...[...namesByDepth].map(([depth, names]) => this.buildChildrenRequest(depth, names)),
        ...(infoNames.length ? [buildInfoRequest(infoNames)] : []),
      ];
    }

    listPageRequests(nearWeight) {
      const total = nearWeight + this.thread.parents.size || 1;
      const gain = (MAX_PAGE_COMMENTS * SORT_PAGE_FACTOR * nearWeight) / total;
      if (gain < MIN_PAGE_GAIN) return [];
      return this.remainingSorts.map((sort, index) => ({
        gain: gain - index / 10,
        request: { kind: "page", names: [], sort },
      }));
    }

    buildChildrenRequest(depth, pool) {
      const { missing } = this.thread;
      const isRequested = (name) => Number(missing.get(name).isRequested);
      const newFirst = [...pool].sort((one, other) => isRequested(one) - isRequested(other));
      const names = newFirst.slice(0, this.maxChildren);
      const weight = names.reduce((sum, name) => sum + missing.get(name).weight, 0);
      const gain = Math.min(MAX_IDS, weight) - depth / 100;
      return { gain, request: { kind: "children", names, sort: SORT } };
    }

    listFocusRequests() {
      // The page of the comment that is expected to show the most missing comments.
      const gains = [...this.estimatePageCounts()].map(([name, count]) => {
        const room = MAX_PAGE_COMMENTS - 1 - (this.thread.descendantCounts.get(name) ?? 0);
        return { gain: Math.min(room, count) - 0.5, request: { kind: "focus", names: [name], sort: SORT } };
      });
      return gains.filter(({ request }) => !this.sentKeys.has(getKey(request)));
    }

    estimatePageCounts() {
      const { parents, depths } = this.thread;
      const counts = new Map();
      for (const { parent, depth, count, weight } of this.thread.countPageOnlyComments()) {
        let ancestor = parent;
        for (let levels = PAGE_LEVELS - 1; levels > 0; levels--) {
          if (!parents.has(ancestor) || depths.get(ancestor) + PAGE_LEVELS !== depth + levels) break;
          const expected = count + weight * (1 - DEEPER_PROBABILITY ** (levels - 1));
          counts.set(ancestor, (counts.get(ancestor) ?? 0) + expected);
          ancestor = parents.get(ancestor);
        }
      }
      return counts;
    }
  }

  function buildInfoRequest(pool) {
    const names = pool.slice(0, MAX_IDS);
    return { gain: names.length === MAX_IDS ? MAX_IDS : 0, request: { kind: "info", names, sort: SORT } };
  }

  const getKey = ({ kind, names, sort }) => [kind, sort, ...names].join(" ");

  function buildPath(threadId, { kind, names, sort }) {
    const ids = names.map((name) => name.slice(3));
    const page = `raw_json=1&limit=${MAX_PAGE_COMMENTS}&sort=${sort}`;
    if (kind === "page") return `/comments/${threadId}.json?${page}`;
    if (kind === "focus") return `/comments/${threadId}/_/${ids[0]}.json?${page}`;
    if (kind === "info") return `/api/info.json?raw_json=1&id=${names.join(",")}`;
    const query = `link_id=t3_${threadId}&sort=${sort}&children=${ids.join(",")}`;
    return `/api/morechildren.json?api_type=json&raw_json=1&${query}`;
  }

  // Requests, one after the other

  class StopError extends Error {} // No further request is sent. The message is for the reader.

  function sleep(seconds, signal) {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal.reason);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener("abort", onAbort);
        resolve();
      }, seconds * 1000);
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }

  function parseJson(text) {
    try {
      return JSON.parse(text);
    } catch {
      return undefined;
    }
  }

  function readNumber(headers, name) {
    const text = headers.get(name) ?? "";
    return /^\s*[0-9]/.test(text) ? Number.parseFloat(text) : null;
  }

  function readRetryAfter(headers) {
    // A number of seconds, or an HTTP date.
    const moment = Date.parse(headers.get("retry-after") ?? "");
    const fromDate = Number.isNaN(moment) ? null : Math.max(0, (moment - Date.now()) / 1000);
    return readNumber(headers, "retry-after") ?? fromDate;
  }

  function readLimitReset(headers, isRefused) {
    // The seconds until more requests are allowed; null if some are left.
    const remaining = readNumber(headers, "x-ratelimit-remaining") ?? (isRefused ? 0 : 1);
    return remaining < 1 ? readNumber(headers, "x-ratelimit-reset") : null;
  }

  class Client {
    constructor(signal, onWait) {
      this.signal = signal;
      this.onWait = onWait;
      this.requestCount = 0;
      this.pauseSeconds = 0;
    }

    async get(path) {
      // Returns { answer }, or { failure } if this request failed for good. Throws StopError if the
      // next request would fail, too.
      let waits = 0;
      let tries = 0;
      while (true) {
        await this.pause();
        const response = await this.fetchOnce(path);
        if (response.status === 429) {
          waits += 1;
          await this.waitForLimit(response.headers, waits);
          continue;
        }
        tries += 1;
        if (!isBroken(response) || tries === MAX_TRIES) return judgeResponse(response);
        await this.wait(2 ** tries, "Reddit does not answer properly.");
      }
    }

    async fetchOnce(path) {
      this.requestCount += 1;
      try {
        const response = await fetch(location.origin + path, {
          mode: "same-origin", // So that no redirect leads to another site.
          credentials: "same-origin",
          cache: "no-store",
          headers: { Accept: "application/json" },
          signal: AbortSignal.any([this.signal, AbortSignal.timeout(TIMEOUT_MS)]),
        });
        const { status, headers } = response;
        const text = await response.text();
        const isJson = (headers.get("content-type") ?? "").includes("json");
        if (status === 200) this.pauseSeconds = Math.max(PAUSE_SECONDS, readLimitReset(headers, false) ?? 0);
        return { status, headers, isJson, answer: isJson ? parseJson(text) : undefined };
      } catch {
        this.signal.throwIfAborted();
        return { status: 0 };
      }
    }

    async pause() {
      const seconds = Math.min(this.pauseSeconds, MAX_WAIT_SECONDS);
      if (seconds > PAUSE_SECONDS) this.onWait(seconds, "Reddit's limit is reached.");
      await sleep(seconds, this.signal);
      this.pauseSeconds = PAUSE_SECONDS;
    }

    async waitForLimit(headers, waits) {
      // Without a time, as Reddit answers if the account requests something else at the same moment,
      // the wait doubles.
      const doubled = Math.min(60, 5 * 2 ** (waits - 1));
      const seconds = readRetryAfter(headers) ?? readLimitReset(headers, true) ?? doubled;
      if (waits > MAX_WAITS) throw new StopError("Reddit asks to wait again and again.");
      if (seconds > MAX_WAIT_SECONDS) throw new StopError("Reddit asks to wait for more than an hour.");
      await this.wait(seconds, "Reddit asks to wait.");
    }

    async wait(seconds, reason) {
      this.onWait(seconds, reason);
      await sleep(seconds, this.signal);
    }
  }

  function isBroken({ status, isJson, answer }) {
    const isCutOff = status === 200 && isJson && answer === undefined;
    return status === 0 || status === 408 || status >= 500 || isCutOff;
  }

  function judgeResponse({ status, isJson, answer }) {
    if (status === 200 && isJson) return answer === undefined ? { failure: { status } } : { answer };
    if (status === 0) {
      throw new StopError("Reddit can't be reached, or it leads to another site. Log in, and try again.");
    }
    if (status === 200) {
      throw new StopError("Reddit shows a page instead of the thread's data. Log in, and try again.");
    }
    if (status === 401 || status === 403) {
      const reason = typeof answer?.reason === "string" ? ` (${answer.reason.slice(0, 40)})` : "";
      throw new StopError(`Reddit refuses to show this thread${reason}. Log in, and try again.`);
    }
    return { failure: { status, isTooLarge: [400, 413, 414].includes(status) } };
  }

  // The file

  async function fetchThread(threadId, signal, { onProgress, onWait }) {
    // Requests what a thread has until it is whole, or until an error or the reader stops it.
    const plan = new ThreadPlan(`t3_${threadId}`);
    const client = new Client(signal, onWait);
    const result = {
      threadId,
      thread: plan.thread,
      texts: [], // Reddit's answers as they go into the file.
      capturedAt: null,
      requestCount: 0,
      failureCount: 0,
      stopReason: "",
    };
    try {
      for (let request = plan.chooseRequest(); request; request = plan.chooseRequest()) {
        const { answer, failure } = await client.get(buildPath(threadId, request));
        result.requestCount = client.requestCount;
        if (failure || !hasExpectedShape(request, answer)) {
          addFailure(result, plan, request, failure ?? {});
          continue;
        }
        plan.addAnswer(request, answer);
        requirePost(threadId, answer, result.texts.length);
        result.capturedAt ??= new Date();
        result.texts.push(JSON.stringify(removeViewerFields(answer)));
        onProgress(result);
      }
    } catch (error) {
      result.requestCount = client.requestCount;
      result.stopReason = error instanceof StopError ? error.message : `The script failed: ${error.message}`;
    }
    return result;
  }

  function addFailure(result, plan, request, { status = 200, isTooLarge = false }) {
    if (!result.texts.length && status === 404) throw new StopError("Reddit has no such thread.");
    if (!result.texts.length) throw new StopError(`Reddit does not answer properly (status ${status}).`);
    plan.addFailure(request, isTooLarge);
    if (isTooLarge && request.names.length > 1) return;
    result.failureCount += 1;
    if (result.failureCount > MAX_FAILED_REQUESTS) throw new StopError("Too many requests failed.");
  }

  function requirePost(threadId, answer, previousCount) {
    const hasPost = listThings(answer).some((thing) => getFullname(thing) === `t3_${threadId}`);
    if (!previousCount && !hasPost) throw new StopError("Reddit shows something else than this thread.");
  }

  function buildFile({ threadId, thread, texts, capturedAt, requestCount, failureCount, stopReason }) {
    // A JSON array: first this object, then Reddit's answers in their order.
    const head = {
      kind: "reddit-archive-page",
      version: 1,
      script: VERSION,
      thread: thread.postName,
      captured_at: capturedAt.toISOString(),
      requests: requestCount,
      is_complete: !stopReason && !failureCount,
      stopped: stopReason || null,
      comments: thread.parents.size,
      missing: thread.missingCount,
      withheld_ids: [...thread.unavailableIds],
      unfetched_replies: Object.fromEntries(thread.unfetchedReplies),
    };
    const time = capturedAt.toISOString().replace(/[-:]|\.\d+/g, "");
    const parts = [JSON.stringify(head), ...texts].flatMap((text, index) => (index ? [",", text] : [text]));
    return {
      name: `reddit-${threadId}-${time}.json`,
      blob: new Blob(["[", ...parts, "]\n"], { type: "application/json" }),
    };
  }

  // The panel in the page. Styles are set one by one, because the page may forbid style sheets.

  function make(name, properties, styles, ...children) {
    const element = document.createElement(name);
    Object.assign(element, properties);
    Object.assign(element.style, styles);
    element.append(...children);
    return element;
  }

  const formatCount = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

  const BUTTON_STYLES = { font: "inherit", padding: "4px 12px", cursor: "pointer" };
  const BOX_STYLES = {
    width: "280px", padding: "12px", border: "1px solid GrayText", borderRadius: "6px",
    background: "Canvas", color: "CanvasText", overflowWrap: "anywhere",
  };
  const LINE_STYLES = { margin: "0 0 8px" };
  const KEEP_OPEN = "Saving this thread. Keep this page open.";

  class Panel {
    constructor() {
      this.host = make("div", { id: HOST_ID }, {
        all: "initial", position: "fixed", right: "16px", bottom: "16px", zIndex: "2147483647",
        colorScheme: "light dark", font: "14px/1.4 system-ui, sans-serif",
      });
      this.root = this.host.attachShadow({ mode: "open" });
      document.body.append(this.host);
    }

    get isRunning() {
      return this.host.dataset.state === "running";
    }

    show(state, element) {
      this.host.dataset.state = state;
      this.root.replaceChildren(element);
    }

    showButton() {
      const title = "Save this thread, with its comments, as one file";
      const onclick = () => this.saveThread(getThreadId());
      this.show("idle", make("button", { type: "button", title, onclick }, BUTTON_STYLES, "Save thread"));
    }

    async saveThread(threadId) {
      const stopping = new AbortController();
      this.showProgress(() => stopping.abort(new StopError("You stopped it.")));
      const warn = (event) => event.preventDefault();
      addEventListener("beforeunload", warn);
      const result = await fetchThread(threadId, stopping.signal, {
        onProgress: (now) => this.updateProgress(now),
        onWait: (seconds, reason) => this.tellWait(seconds, reason),
      });
      removeEventListener("beforeunload", warn);
      this.showResult(result);
    }

    showProgress(onStop) {
      // The live region tells events; the counts change too often for it.
      this.status = make("p", { role: "status" }, LINE_STYLES);
      this.counts = make("p", {}, LINE_STYLES, "Asking for the first page …");
      const barStyles = { width: "100%", margin: "0 0 8px" };
      this.bar = make("progress", { max: 1, ariaLabel: "Comments saved" }, barStyles);
      const stop = make("button", { type: "button", onclick: onStop }, BUTTON_STYLES, "Stop");
      this.show("running", this.makeBox(this.status, this.bar, this.counts, stop));
      this.tell(KEEP_OPEN);
      stop.focus();
    }

    makeBox(...children) {
      return make("section", { ariaLabel: "Saving the thread" }, BOX_STYLES, ...children);
    }

    tell(text) {
      // An equal text is not set again, because it would be read aloud again.
      if (this.status.textContent !== text) this.status.textContent = text;
    }

    tellWait(seconds, reason) {
      this.tell(`${reason} Continues in ${formatCount(Math.ceil(seconds), "second")}.`);
    }

    updateProgress({ thread, requestCount }) {
      const count = thread.parents.size;
      const total = count + thread.missingCount;
      if (!this.host.isConnected) document.body.append(this.host); // Reddit replaced its page.
      this.tell(KEEP_OPEN);
      this.bar.max = total || 1;
      this.bar.value = count;
      const counts = [`${count.toLocaleString("en")} of about ${formatCount(total, "comment")}`];
      this.counts.textContent = [...counts, formatCount(requestCount, "request")].join(", ");
    }

    showResult(result) {
      const hadFocus = this.root.activeElement !== null;
      const close = make("button", { type: "button" }, BUTTON_STYLES, "Close");
      const status = make("p", { role: "status" }, LINE_STYLES);
      const box = this.makeBox(status);
      const link = result.texts.length ? this.offerFile(buildFile(result), box) : null;
      close.onclick = () => {
        this.host.remove();
        if (link) URL.revokeObjectURL(link.href);
      };
      box.append(close);
      this.show("done", box);
      status.textContent = describeResult(result);
      if (hadFocus) close.focus();
      link?.click();
    }

    offerFile({ name, blob }, box) {
      // The link stays, because a browser may ask before it lets a page download a file by itself.
      const link = make("a", { href: URL.createObjectURL(blob), download: name }, { color: "LinkText" }, name);
      box.append(make("p", {}, LINE_STYLES, "File: ", link));
      box.append(make("p", {}, LINE_STYLES, "Read it with: ", make("code", {}, {}, `archive ${name}`)));
      return link;
    }
  }

  function describeResult({ thread, texts, failureCount, stopReason }) {
    if (!texts.length) return `Nothing was saved. ${stopReason}`;
    const saved = `Saved the post and ${formatCount(thread.parents.size, "comment")}.`;
    const withheld = thread.unavailableIds.size
      ? ` Reddit names ${formatCount(thread.unavailableIds.size, "other")} and does not show them.`
      : "";
    const missing = thread.missingCount ? ` About ${thread.missingCount.toLocaleString("en")} more exist.` : "";
    const reason = stopReason || (failureCount ? "Some requests failed." : "");
    return `${saved}${withheld}${missing} ${reason}`.trim();
  }

  // The start

  function getThreadId() {
    const isReddit = /(^|\.)reddit\.com$/.test(location.hostname);
    return (isReddit && THREAD_PATH.exec(location.pathname)?.[1].toLowerCase()) || "";
  }

  function startAtOnce() {
    const existing = document.getElementById(HOST_ID);
    if (existing?.dataset.state === "running") return;
    if (!getThreadId()) {
      alert("Open a thread on Reddit, and click again.");
      return;
    }
    existing?.remove();
    new Panel().saveThread(getThreadId());
  }

  let panel = null;

  function offerButton() {
    // Reddit replaces parts of its pages, and opens threads without loading a page.
    const existing = document.getElementById(HOST_ID);
    const isIdle = existing?.dataset.state === "idle";
    if (!existing && !panel?.isRunning && getThreadId()) {
      panel = new Panel();
      panel.showButton();
    }
    if (isIdle && !getThreadId()) existing.remove();
  }

  function start() {
    offerButton();
    setInterval(offerButton, 1000);
  }

  if (START_AT_ONCE) {
    startAtOnce();
  } else if (document.readyState === "loading") {
    addEventListener("DOMContentLoaded", start);
  } else {
    start();
  }
})();
