// The board follows by itself: each event says that something is new, and the rows are fetched again.

const rows = document.getElementById("rows");
const events = new EventSource("/board/events");

async function refresh() {
  const response = await fetch("/board/rows");
  if (response.ok) rows.innerHTML = await response.text(); // of our own server, which escapes names
}

events.addEventListener("board", refresh);
events.onopen = () => { document.body.classList.add("live"); refresh(); };
