// What every page has: ages stay true, the theme changes without a round trip, toasts leave.
import "./ages.js";

const NEXT = { auto: "dark", dark: "light", light: "auto" };
const TOAST_MS = 6000;

for (const form of document.querySelectorAll("form[data-theme-choice]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const field = form.elements.namedItem("theme");
    const chosen = field.value;
    const root = document.documentElement;
    if (chosen === "auto") root.removeAttribute("data-theme");
    else root.setAttribute("data-theme", chosen);
    const body = new URLSearchParams(new FormData(form));
    field.value = NEXT[chosen];
    form.querySelector("button").setAttribute(
      "aria-label",
      `Colours: ${chosen}. Change to ${NEXT[chosen] === "auto" ? "automatic" : NEXT[chosen]}`,
    );
    await fetch(form.action, { method: "POST", body, redirect: "manual" });
  });
}

for (const toast of document.querySelectorAll("[data-toast]")) {
  toast.querySelector("button")?.addEventListener("click", () => toast.remove());
  setTimeout(() => toast.remove(), TOAST_MS);
}
// The word for what was done has been said; a reload need not say it again.
const here = new URL(location.href);
if (here.searchParams.has("done")) {
  here.searchParams.delete("done");
  history.replaceState(null, "", here);
}
