// What the page does a little better with a script. Every task works without it: this file adds no content of its own.
// No innerHTML, no eval, no inline style: it runs under a strict policy with Trusted Types.
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");

  const digitsOf = (text) => {
    const found = text.replace(/[\s\u00a0]/g, "").match(/^(\d*)(?:[.,](\d*))?$/);
    return found ? { whole: found[1], part: found[2] || "" } : null;
  };

  // --- the window of a meter: one native input, its digits drawn in cells under it ---
  const drawDial = (input) => {
    const dial = input.parentElement;
    const whole = Number(input.dataset.whole);
    const fraction = Number(input.dataset.fraction);
    let drum = dial.querySelector(".drum");
    if (!drum) {
      drum = document.createElement("span");
      drum.className = "drum";
      drum.setAttribute("aria-hidden", "true");
      for (let place = 0; place < whole + fraction; place += 1) drum.append(document.createElement("b"));
      dial.append(drum);
    }
    const typed = digitsOf(input.value);
    const fits = typed && typed.whole.length <= whole && typed.part.length <= fraction;
    dial.classList.toggle("drawn", Boolean(fits));
    if (!fits) return;
    const started = /[.,]/.test(input.value);
    const lead = whole - typed.whole.length;
    const focused = document.activeElement === input;
    [...drum.children].forEach((cell, place) => {
      const red = place >= whole;
      const part = typed.part[place - whole];
      const figure = red ? part : typed.whole[place - lead];
      const empty = typed.whole === "";
      cell.textContent = figure || (red || empty ? "·" : "0");
      cell.classList.toggle("red", red);
      cell.classList.toggle("z", !red && (place < lead || /^0*$/.test(typed.whole.slice(0, place - lead + 1))));
      cell.classList.toggle("new", !red && place >= lead && !/^0*$/.test(typed.whole.slice(0, place - lead + 1)));
      const next = started ? whole + Math.min(typed.part.length, fraction - 1) : whole - 1;
      cell.classList.toggle("at", focused && place === next);
    });
  };

  const milli = (input) => {
    const typed = digitsOf(input.value);
    if (!typed || typed.whole + typed.part === "") return null;
    return Number(typed.whole || "0") * 1000 + Number(typed.part.padEnd(3, "0").slice(0, 3));
  };

  const show = (value, mark) => {
    const whole = Math.trunc(Math.abs(value) / 1000);
    const part = String(Math.abs(value) % 1000).padStart(3, "0").replace(/0+$/, "");
    return (value < 0 ? "\u2212" : "+") + whole + (part ? mark + part : "");
  };

  // --- the difference with the previous reading, said as it is typed ---
  const tellDifference = (input) => {
    const output = document.getElementById(input.dataset.output || "");
    if (!output) return;
    const now = milli(input);
    output.className = "";
    if (now === null) { output.textContent = output.dataset.idle || ""; return; }
    const difference = now - Number(input.dataset.previous);
    const usual = Number(input.dataset.usual || 0);
    output.textContent = show(difference, input.dataset.mark || ",") + "\u00a0" + (input.dataset.unit || "");
    output.className = difference < 0 ? "bad" : usual && difference > usual * 5 ? "warn" : "ok";
  };

  const watchDial = (input) => {
    const redraw = () => { drawDial(input); tellDifference(input); };
    input.addEventListener("input", redraw);
    input.addEventListener("blur", redraw);
    input.addEventListener("focus", redraw);
    // The typed text is not seen under its cells, so a tap leads to its end; Tab selects it all, as everywhere.
    input.addEventListener("click", () => {
      if (input.selectionStart === input.selectionEnd) input.setSelectionRange(input.value.length, input.value.length);
    });
    redraw();
  };

  // --- password reveal ---
  const reveal = (button) => {
    const input = document.getElementById(button.getAttribute("aria-controls"));
    const shown = button.getAttribute("aria-pressed") === "true";
    button.setAttribute("aria-pressed", String(!shown));
    button.setAttribute("aria-label", shown ? button.dataset.show : button.dataset.hide);
    input.type = shown ? "password" : "text";
  };

  const copy = async (button) => {
    await navigator.clipboard.writeText(button.dataset.copy);
    const said = button.querySelector("[data-said]");
    if (said) said.textContent = said.dataset.said;
  };

  // --- no form goes twice: its button says it is busy until the page is left or comes back ---
  const holdSubmit = (event) => {
    const form = event.target;
    if (form.method !== "post" && form.getAttribute("method") !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    const button = event.submitter || form.querySelector("[type=submit]");
    form.dataset.sent = "yes";
    if (!button) return;
    button.setAttribute("aria-busy", "true");
    const word = button.querySelector("[data-busy]");
    if (word) { word.dataset.idle = word.textContent; word.textContent = word.dataset.busy; }
  };

  const release = () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
    document.querySelectorAll(".btn[aria-busy]").forEach((button) => {
      button.removeAttribute("aria-busy");
      const word = button.querySelector("[data-idle]");
      if (word) word.textContent = word.dataset.idle;
    });
  };

  const onClick = (event) => {
    const pressed = event.target.closest("[data-reveal], [data-copy], [data-dialog], [data-close], [data-print]");
    document.querySelectorAll("details.drop[open]").forEach((drop) => { if (!drop.contains(event.target)) drop.open = false; });
    if (!pressed) return;
    if ("reveal" in pressed.dataset) reveal(pressed);
    if ("copy" in pressed.dataset) copy(pressed);
    if ("print" in pressed.dataset) window.print();
    if ("close" in pressed.dataset) { event.preventDefault(); pressed.closest("dialog").close(); }
    const dialog = pressed.dataset.dialog && document.getElementById(pressed.dataset.dialog);
    if (dialog) { event.preventDefault(); dialog.showModal(); }
  };

  const onKey = (event) => {
    if (event.key === "Escape") {
      const open = document.querySelector("details.drop[open]");
      if (open) { open.open = false; open.querySelector("summary").focus(); }
    }
    const typing = /^(input|select|textarea)$/i.test(event.target.tagName);
    if (event.key === "/" && !typing) {
      const find = document.querySelector("[data-hotkey='/']");
      if (find) { event.preventDefault(); find.focus(); }
    }
  };

  const wire = (place) => {
    place.querySelectorAll("[data-whole]").forEach((input) => { if (!input.dataset.wired) { input.dataset.wired = "yes"; watchDial(input); } });
    const first = place.querySelector("[data-error-summary], [data-focus]");
    if (first && !first.closest("[data-still]")) first.focus({ preventScroll: "focus" in first.dataset });
  };

  // An open menu closes when the keyboard leaves it.
  const onLeave = (event) => {
    const drop = event.target.closest("details.drop[open]");
    if (drop && event.relatedTarget && !drop.contains(event.relatedTarget)) drop.open = false;
  };

  const tellNetwork = () => document.querySelectorAll("[data-offline]").forEach((line) => { line.hidden = navigator.onLine; });

  document.addEventListener("click", onClick);
  document.addEventListener("focusout", onLeave);
  window.addEventListener("online", tellNetwork);
  window.addEventListener("offline", tellNetwork);
  document.addEventListener("keydown", onKey);
  document.addEventListener("submit", holdSubmit);
  window.addEventListener("pageshow", release);
  document.addEventListener("htmx:after:swap", (event) => { release(); wire(event.target); });
  wire(document);
})();
