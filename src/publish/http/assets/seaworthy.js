// SPDX-License-Identifier: Apache-2.0
// Comforts only: every page is complete without this file.
"use strict";

for (const block of document.querySelectorAll("pre.code")) {
  if (!navigator.clipboard) break;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(block.querySelector("code").textContent);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  block.append(button);
}

function openTarget() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target && target.tagName === "DETAILS") {
    target.open = true;
    target.scrollIntoView();
  }
}
addEventListener("hashchange", openTarget);
openTarget();

// The column under the pointer, so that a cell far from its heading can be read.
const matrix = document.querySelector("table.matrix");
if (matrix) {
  let lit = [];
  matrix.addEventListener("mouseover", (event) => {
    const cell = event.target.closest("td.c");
    lit.forEach((one) => one.classList.remove("lit"));
    lit = [];
    if (!cell) return;
    lit.push(matrix.tHead.rows[0].cells[cell.cellIndex]);
    lit.forEach((one) => one.classList.add("lit"));
  });
}
