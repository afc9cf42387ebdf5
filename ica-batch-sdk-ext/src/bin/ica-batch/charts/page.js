// Shows the rows that contain all words of the search. Texts of rows become text, never elements.
// The last text of a row is searched and not shown.
const LIMIT = 500;
const rows = JSON.parse(document.getElementById("rows").textContent);
const texts = rows.map((row) => row.join(" ").toLowerCase());
const search = document.getElementById("search");
const body = document.getElementById("body");
const note = document.getElementById("note");
const columns = body.closest("table").querySelectorAll("th").length;

const number = (count) => count.toLocaleString("en").replaceAll(",", "\u202f");

function show() {
  const words = search.value.toLowerCase().split(/[\s…]+/).filter(Boolean);
  const found = rows.filter((_, index) => words.every((word) => texts[index].includes(word)));
  body.replaceChildren(...found.slice(0, LIMIT).map((row) => {
    const line = document.createElement("tr");
    for (const cell of row.slice(0, columns)) {
      const column = line.insertCell();
      column.textContent = cell;
      // An id stays on one line.
      column.classList.toggle("word", cell.length <= 40 && !cell.includes(" "));
    }
    return line;
  }));
  const all = `${number(found.length)} of ${number(rows.length)} rows`;
  note.textContent = found.length > LIMIT ? `${all}; the first ${LIMIT} are shown` : all;
}

search.addEventListener("input", show);
for (const button of document.querySelectorAll("button[data-search]")) {
  button.addEventListener("click", () => {
    search.value = button.dataset.search;
    show();
    search.scrollIntoView({ behavior: "smooth" });
  });
}
show();
