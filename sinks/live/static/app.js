// Keeps an open page fresh. The page is complete without this script; the pieces put in place here are the same ones
// that the server puts on the page, already escaped there.

const body = document.body;
const byId = (id) => document.getElementById(id);
const number = (text) => Number.parseInt(text.replaceAll(",", ""), 10) || 0;
const DAY = 86_400_000;

let stream;
let position = body.dataset.position;
let unseen = 0;
let connected = false;
let caughtUp = byId("status")?.dataset.caughtUp === "true";
const plainTitle = document.title;

function piece(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

function count(element, change) {
  if (element) element.textContent = Math.max(0, number(element.textContent) + change).toLocaleString("en");
}

function countStep(stage, change) {
  const element = byId(`step-${stage}`);
  count(element, change);
  const line = element?.closest("li");
  if (line) line.hidden = number(element.textContent) === 0 && !line.querySelector("[aria-current]");
}

// ---- what the stream brings

function showCase(content, isNew) {
  const page = byId("main").dataset;
  const list = byId("cases");
  const old = byId(`case-${content.id}`);
  const row = piece(content.row);
  row.classList.add("fresh");
  if (page.page === "1") {
    const focused = old?.contains(document.activeElement);
    old?.remove();
    list.prepend(row);
    if (focused) row.querySelector("a")?.focus({ preventScroll: true });
    while (list.children.length > Number(page.most)) list.lastElementChild.remove();
  } else {
    old?.replaceWith(row);
  }
  for (const html of content.alerts) showAlert(html, Number(page.alerts));
  showCountdown(content);
  if (isNew) count(byId("matching"), 1);
  if (content.was !== content.stage) {
    if (content.was) countStep(content.was, -1);
    countStep(content.stage, 1);
  }
  if (!content.was) count(byId("step-all"), 1);
  say(content.say);
  showStatus(content.status);
}

function showAlert(html, most) {
  const list = byId("alerts");
  const alert = piece(html);
  byId(alert.id)?.remove();
  alert.classList.add("fresh");
  list.prepend(alert);
  while (list.children.length > most) list.lastElementChild.remove();
}

function showCountdown(content) {
  byId(`countdown-${content.id}`)?.remove();
  if (!content.countdown) return;
  const line = piece(content.countdown);
  const list = byId("countdown");
  const next = [...list.children].find((other) => other.dataset.on > line.dataset.on);
  list.insertBefore(line, next ?? null);
}

function dropCase(content) {
  byId(`case-${content.id}`)?.remove();
  byId(`countdown-${content.id}`)?.remove();
  for (const alert of byId("alerts").querySelectorAll("[data-case]")) {
    if (alert.dataset.case === content.id) alert.remove();
  }
  count(byId("matching"), -1);
  if (content.was !== content.stage) {
    countStep(content.was, -1);
    countStep(content.stage, 1);
  }
}

function say(lines) {
  if (!lines?.length) return;
  byId("announcer").textContent = lines.join(". ");
  if (document.hidden) {
    unseen += lines.length;
    document.title = `(${unseen}) ${plainTitle}`;
  }
}

function showStatus(status) {
  caughtUp = status.caught_up;
  byId("case-count").textContent = status.cases.toLocaleString("en");
  const last = byId("last-record");
  if (status.last_record) {
    last.dateTime = status.last_record;
    last.dataset.relative = "";
  }
  const story = byId("story-day");
  if (story && status.story_day) story.textContent = status.story_day;
  showDays(status.today);
  showTimes();
  showConnection();
}

function showConnection() {
  const state = !connected ? "bad" : caughtUp ? "ok" : "busy";
  byId("dot").className = `dot ${state}`;
  byId("connection").textContent = { bad: "Reconnecting …", busy: "Reading earlier records …", ok: "Live" }[state];
}

// ---- the passing of time

function ago(seconds) {
  if (seconds < 5) return "just now";
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

function showTimes() {
  for (const time of document.querySelectorAll("time[data-relative]")) {
    time.textContent = ago((Date.now() - Date.parse(time.dateTime)) / 1000);
    time.title = time.dateTime;
  }
}

// The same words as words.countdown on the server.
function showDays(today) {
  for (const left of document.querySelectorAll("[data-until]")) {
    const days = Math.round((Date.parse(left.dataset.until) - Date.parse(today)) / DAY);
    left.textContent =
      days === 0 ? "today" : days === 1 ? "tomorrow" : days > 1 ? `in ${days} days` : days === -1 ? "1 day ago" : `${-days} days ago`;
    left.closest("#countdown > li")?.classList.toggle("due", days <= 0);
  }
}

// ---- the connection

async function fetchAnew() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const main = page.getElementById("main");
  if (!main) return;
  const open = [...byId("main").querySelectorAll("details[open]")].map((details) => details.id).filter(Boolean);
  byId("main").replaceWith(main);
  for (const id of open) byId(id)?.setAttribute("open", "");
  position = page.body.dataset.position ?? position;
  showTimes();
}

let fetching;
function refresh() {
  // Several changes at once are one fetch; a case page has only a few readers at a time.
  fetching ??= setTimeout(async () => {
    fetching = undefined;
    try {
      await fetchAnew();
    } catch {
      fetching = setTimeout(() => { fetching = undefined; refresh(); }, 3000);
    }
  }, 150);
}

function follow() {
  const address = body.dataset.stream;
  const onCasePage = byId("cases") === null;
  stream = new EventSource(`${address}${address.includes("?") ? "&" : "?"}after=${encodeURIComponent(position)}`);
  const on = (event, handle) => stream.addEventListener(event, (message) => handle(JSON.parse(message.data)));
  stream.addEventListener("open", () => { connected = true; showConnection(); });
  stream.addEventListener("error", () => {
    connected = false;
    showConnection();
    if (stream.readyState === EventSource.CLOSED) setTimeout(follow, 5000); // refused: try again by ourselves
  });
  on("status", showStatus);
  on("resync", refresh);
  if (onCasePage) {
    for (const event of ["case", "came", "gone"]) {
      on(event, (content) => { say(content.say); refresh(); });
    }
  } else {
    on("case", (content) => showCase(content, false));
    on("came", (content) => showCase(content, true));
    on("gone", dropCase);
  }
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) {
    unseen = 0;
    document.title = plainTitle;
  }
});
showTimes();
setInterval(showTimes, 5000);
if (body.dataset.stream) follow();
