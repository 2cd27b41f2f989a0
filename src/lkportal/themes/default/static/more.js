// What rarer components do better with a script: a list with a search, files that are dropped, a word that leaves by itself,
// the end of a session, dense charts. Each is whole without it. Runs under the same strict policy as portal.js.
(() => {
  "use strict";

  const made = (tag, attributes, text = "") => {
    const element = document.createElement(tag);
    Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
    element.textContent = text;
    return element;
  };

  // --- a list with a search: the native select stays and is what is sent ---
  const plain = (text) => text.toLowerCase().replaceAll("ё", "е").replace(/\s+/g, " ").trim();

  const combobox = (box) => {
    const select = box.querySelector("select");
    const id = select.id;
    const options = [...select.options].filter((option) => option.value !== "");
    const input = made("input", {
      class: select.className, type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", id,
      "aria-expanded": "false", "aria-autocomplete": "list", "aria-controls": `${id}-list`, placeholder: box.dataset.placeholder,
    });
    ["aria-describedby", "aria-invalid"].forEach((name) => { if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name)); });
    const label = document.querySelector(`label[for="${CSS.escape(id)}"]`);
    const list = made("ul", { class: "combo lift", role: "listbox", id: `${id}-list`, "aria-label": label ? label.textContent : id });
    const said = made("p", { class: "hide", role: "status" });
    let shown = [];
    let at = -1;
    select.id = `${id}-select`;
    input.required = select.required;
    select.required = false;
    select.hidden = true;
    list.hidden = true;
    const chosen = () => { const option = select.selectedOptions[0]; return option && option.value !== "" ? option.text : ""; };
    const mark = (place) => {
      at = place;
      [...list.children].forEach((row, index) => row.setAttribute("aria-selected", String(index === place)));
      if (place < 0) { input.removeAttribute("aria-activedescendant"); return; }
      input.setAttribute("aria-activedescendant", list.children[place].id);
      list.children[place].scrollIntoView({ block: "nearest" });
    };
    const close = () => { list.hidden = true; input.setAttribute("aria-expanded", "false"); mark(-1); };
    const open = (text) => {
      const words = plain(text).split(" ");
      shown = options.filter((option) => words.every((word) => plain(option.text).includes(word)));
      list.replaceChildren(...shown.map((option, place) => made("li", { role: "option", id: `${id}-${place}`, "aria-selected": "false" }, option.text)));
      if (!shown.length) list.append(made("li", { class: "none", role: "option", "aria-disabled": "true", "aria-selected": "false" }, box.dataset.none));
      said.textContent = shown.length ? `${box.dataset.found} ${shown.length}` : box.dataset.none;
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      mark(-1);
    };
    const take = (place) => {
      if (!shown[place]) return;
      select.value = shown[place].value;
      select.dispatchEvent(new Event("change", { bubbles: true }));
      input.value = shown[place].text;
      close();
    };
    input.value = chosen();
    input.addEventListener("input", () => open(input.value));
    input.addEventListener("click", () => { if (list.hidden) open(""); });
    input.addEventListener("keydown", (event) => {
      const open_ = !list.hidden;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        if (!open_) open("");
        const step = event.key === "ArrowDown" ? 1 : -1;
        if (shown.length) mark(at < 0 && step < 0 ? shown.length - 1 : (at + step + shown.length) % shown.length);
      } else if (event.key === "Enter" && open_) {
        event.preventDefault();
        take(at < 0 && shown.length === 1 ? 0 : at);
      } else if (event.key === "Escape") {
        if (open_) { event.stopPropagation(); close(); } else { input.value = ""; }
      }
    });
    // A press on a row must not take the focus away before the click comes.
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => take([...list.children].indexOf(event.target.closest("li"))));
    input.addEventListener("blur", () => {
      close();
      if (input.value === "") { select.selectedIndex = [...select.options].findIndex((option) => option.value === ""); return; }
      const same = options.find((option) => plain(option.text) === plain(input.value));
      if (same) select.value = same.value;
      input.value = chosen();
    });
    box.prepend(input);
    box.append(list, said);
  };

  // --- files: what was chosen, by name and size; the frame takes what is dropped ---
  const size = (bytes) => new Intl.NumberFormat(document.documentElement.lang, {
    style: "unit", unit: bytes < 1e6 ? "kilobyte" : "megabyte", maximumFractionDigits: bytes < 1e6 ? 0 : 1,
  }).format(Math.max(bytes, 1000) / (bytes < 1e6 ? 1e3 : 1e6));

  const files = (frame) => {
    const input = frame.querySelector("input");
    const list = frame.parentElement.querySelector(".chosen");
    const tell = () => {
      list.hidden = !input.files.length;
      list.replaceChildren(...[...input.files].map((file) => {
        const row = made("li", {});
        row.append(made("span", {}, file.name), made("span", { class: "muted num" }, size(file.size)));
        return row;
      }));
    };
    input.addEventListener("change", tell);
    ["dragenter", "dragover"].forEach((kind) => frame.addEventListener(kind, (event) => { event.preventDefault(); frame.classList.add("over"); }));
    ["dragleave", "drop"].forEach((kind) => frame.addEventListener(kind, () => frame.classList.remove("over")));
    frame.addEventListener("drop", (event) => {
      event.preventDefault();
      const given = new DataTransfer();
      [...event.dataTransfer.files].slice(0, input.multiple ? undefined : 1).forEach((file) => given.items.add(file));
      input.files = given.files;
      tell();
    });
  };

  // --- a word that leaves by itself, unless somebody is at it; put in anew, so that it is read out ---
  const toast = (word) => {
    const place = word.parentElement;
    const leave = () => {
      if (word.matches(":hover, :focus-within")) setTimeout(leave, 1000);
      else place.remove();
    };
    word.remove();
    setTimeout(() => {
      place.append(word);
      if (word.dataset.toast) setTimeout(leave, Number(word.dataset.toast) * 1000);
    }, 100);
  };

  // --- the end of a session is told before it comes ---
  const session = (dialog) => {
    let timer = 0;
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(() => { if (!dialog.open) dialog.showModal(); }, Math.max(0, Number(dialog.dataset.session) - Number(dialog.dataset.warn)) * 1000);
    };
    dialog.addEventListener("close", () => { fetch(dialog.dataset.stay, { credentials: "same-origin" }).then(wait, wait); });
    wait();
  };

  // --- intervals by the thousand: uPlot comes when they come into view; the server's line stays for those who listen ---
  const role = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  const settings = (uPlot, place) => {
    const { unit, zone, height } = place.dataset;
    const language = document.documentElement.lang;
    const font = `500 12px ${getComputedStyle(document.body).fontFamily}`;
    const number = new Intl.NumberFormat(language, { maximumFractionDigits: 3 });
    const format = (options) => new Intl.DateTimeFormat(language, { timeZone: zone, ...options });
    const [day, hour, full] = [
      format({ day: "numeric", month: "short" }), format({ hour: "2-digit", minute: "2-digit" }),
      format({ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }),
    ];
    const axis = { stroke: role("muted"), font, grid: { stroke: role("border"), width: 1 }, ticks: { show: false } };
    const when = (value) => new Date(value * 1000);
    return {
      width: place.clientWidth, height: Number(height), padding: [8, 24, 0, 0], cursor: { y: false }, legend: { live: true },
      tzDate: (value) => uPlot.tzDate(when(value), zone),
      scales: { y: { range: (_, least, most) => [Math.min(0, least), most * 1.05 || 1] } },
      axes: [
        { ...axis, values: (_, marks, _axis, _space, step) => marks.map((mark) => (step < 86400 ? hour : day).format(when(mark))) },
        { ...axis, size: 64, values: (_, marks) => marks.map((mark, place) => number.format(mark) + (place === marks.length - 1 ? `\u00a0${unit}` : "")) },
      ],
      series: [
        { label: place.dataset.when, value: (_, value) => (value === null ? "" : full.format(when(value))) },
        { label: unit, stroke: role("chart-1"), width: 1.5, points: { show: false }, value: (_, value) => (value === null ? "" : `${number.format(value)}\u00a0${unit}`) },
      ],
    };
  };

  const drawDense = async (place) => {
    const { dense, start, pace, scale } = place.dataset;
    const values = dense.split(",").map((value) => (value === "" ? null : Number(value) / Number(scale)));
    const times = values.map((_, at) => Number(start) + at * Number(pace));
    document.head.append(made("link", { rel: "stylesheet", href: place.dataset.sheet }));
    const { default: uPlot } = await import(new URL(place.dataset.script, document.baseURI).href);
    place.querySelector(".chart").classList.add("hide");
    let drawn = null;
    const draw = () => {
      if (drawn) drawn.destroy();
      drawn = new uPlot(settings(uPlot, place), [times, values], place);
      drawn.root.setAttribute("aria-hidden", "true");
    };
    draw();
    new ResizeObserver(() => drawn.setSize({ width: place.clientWidth, height: Number(place.dataset.height) })).observe(place);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  };

  const dense = (place) => {
    const seen = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      seen.disconnect();
      drawDense(place);
    });
    seen.observe(place);
  };

  const kinds = [["[data-combobox]", combobox], ["[data-files]", files], [".toast", toast], ["[data-session]", session], ["[data-dense]", dense]];
  const wire = (place) => kinds.forEach(([selector, begin]) => place.querySelectorAll(selector).forEach((one) => {
    if (!one.dataset.wired) { one.dataset.wired = "yes"; begin(one); }
  }));

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-dismiss]");
    if (button) button.closest(".toasts").remove();
  });
  document.addEventListener("htmx:after:swap", (event) => wire(event.target));
  wire(document);
})();
