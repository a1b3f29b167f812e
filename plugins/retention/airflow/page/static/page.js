// What the page does better with a script: it works without. Nothing is fetched, nothing is kept.
"use strict";

// The theme of Airflow around the page; by itself the page follows the reader's own setting.
function airflow() {
  try {
    return window.parent !== window && window.parent.document.documentElement ? window.parent : null;
  } catch {
    return null; // framed by a stranger, which the answer's headers forbid anyway
  }
}

function followTheme(outer) {
  const root = outer.document.documentElement;
  const follow = () => {
    const dark = root.classList.contains("dark") || root.dataset.theme === "dark";
    document.documentElement.dataset.theme = dark ? "dark" : "light";
  };
  follow();
  const watching = new MutationObserver(follow);
  watching.observe(root, { attributes: true, attributeFilter: ["class", "data-theme"] });
  addEventListener("pagehide", () => watching.disconnect());
}

// Links into Airflow open in Airflow, not in the frame. The frame may not lead its parent away, so the parent's own link does.
function leaveFrame(outer) {
  for (const link of document.querySelectorAll("a[data-airflow]")) {
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
      event.preventDefault();
      const there = outer.document.createElement("a");
      there.href = link.href;
      outer.document.body.append(there);
      there.click();
      there.remove();
    });
  }
}

// Of the three ways to say what a hold is about, the fields of the chosen one.
function showChosenScope(form) {
  const show = () => {
    const chosen = form.querySelector("input[name=scope]:checked");
    for (const part of form.querySelectorAll("[data-scope]")) {
      const on = chosen !== null && part.dataset.scope === chosen.value;
      part.hidden = !on;
      for (const field of part.querySelectorAll("input, select")) field.required = on;
    }
  };
  form.addEventListener("change", show);
  show();
}

const outer = airflow();
if (outer) {
  followTheme(outer);
  leaveFrame(outer);
}
document.querySelectorAll("form[data-scopes]").forEach(showChosenScope);
for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", () => {
    for (const button of form.querySelectorAll("button")) button.disabled = true;
  });
}
// What has just happened is read out first.
document.querySelector("#mistakes, #done, #answer")?.focus();
