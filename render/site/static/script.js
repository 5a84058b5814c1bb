// The site's script: themes, cards that play one at a time, the player, and the command that settings make.
// Without it pages show and say everything; animations are then links.
"use strict";

const still = matchMedia("(prefers-reduced-motion: reduce)");
const darkness = matchMedia("(prefers-color-scheme: dark)");
const own = document.currentScript.src; // beside it lies the decoder for browsers without one

const store = {
  get(key) { try { return localStorage.getItem(key); } catch { return null; } },
  set(key, value) { try { localStorage.setItem(key, value); } catch { /* a page from a disk may keep nothing */ } },
};

// Themes: what the reader chose, else what their system says.
function chosen() { return document.documentElement.dataset.theme; }
function isDark() { return chosen() ? chosen() === "dark" : darkness.matches; }
function setTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
}
setTheme(store.get("theme"));

// Sources of pictures follow the theme that was chosen, where one was.
function followTheme() {
  for (const source of document.querySelectorAll("source[data-theme]")) {
    const conditions = [source.dataset.media].filter(Boolean);
    const fits = !chosen() || source.dataset.theme === chosen() || source.dataset.theme === "any";
    if (!chosen() && source.dataset.theme === "dark") conditions.push("(prefers-color-scheme: dark)");
    const media = fits ? conditions.join(" and ") || "all" : "not all";
    if (source.media !== media) source.media = media;
  }
}

function startThemes() {
  const button = document.getElementById("theme");
  const show = () => { button.textContent = isDark() ? "Light" : "Dark"; followTheme(); };
  button.hidden = false;
  button.addEventListener("click", () => {
    const theme = isDark() ? "light" : "dark";
    setTheme(theme);
    store.set("theme", theme);
    show();
    document.dispatchEvent(new Event("themechange"));
  });
  darkness.addEventListener("change", () => { show(); document.dispatchEvent(new Event("themechange")); });
  show();
}

// Gallery: a card plays while it is hovered, focused or, on a screen without a pointer, in view; one at a time.
function startCards() {
  const cards = [...document.querySelectorAll(".card")].filter((card) => card.querySelector("img[data-light]"));
  if (!cards.length) return;
  const motion = document.getElementById("motion");
  let moving = null;
  let pinned = false; // started by its button, and not by whoever passes over it
  let wanted = !still.matches && store.get("motion") !== "off";

  function stop() {
    if (!moving) return;
    moving.querySelector(".moving")?.remove();
    label(moving, false);
    moving = null;
    pinned = false;
  }
  function label(card, playing) {
    const button = card.querySelector(".play");
    button.textContent = playing ? "❚❚" : "▶";
    button.setAttribute("aria-label", `${playing ? "Stop" : "Play"}: ${card.querySelector("h3").textContent}`);
  }
  function play(card) {
    if (moving === card) return;
    stop();
    moving = card;
    const poster = card.querySelector("img[data-light]");
    const film = new Image(poster.width, poster.height);
    film.className = "moving";
    film.alt = "";
    film.src = isDark() ? poster.dataset.dark : poster.dataset.light;
    poster.closest("a").append(film);
  }
  for (const card of cards) {
    const button = card.querySelector(".play");
    button.hidden = false;
    button.addEventListener("click", () => {
      if (moving === card && pinned) return stop();
      play(card);
      pinned = true;
      label(card, true);
      return undefined;
    });
    const passing = () => wanted && !pinned;
    card.addEventListener("mouseenter", () => passing() && play(card));
    card.addEventListener("mouseleave", () => passing() && moving === card && stop());
    card.querySelector("h3 a").addEventListener("focus", () => passing() && play(card));
    card.querySelector("h3 a").addEventListener("blur", () => passing() && moving === card && stop());
  }
  function show() {
    motion.textContent = wanted ? "Motion is on" : "Motion is off";
  }
  motion.hidden = false;
  motion.addEventListener("click", () => {
    wanted = !wanted;
    store.set("motion", wanted ? "on" : "off");
    if (!wanted) stop();
    show();
  });
  still.addEventListener("change", () => { wanted = !still.matches; if (!wanted) stop(); show(); });
  document.addEventListener("themechange", stop);
  show();
  if (matchMedia("(hover: none)").matches) {
    const seen = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        if (wanted && !pinned && isIntersecting) play(target);
        else if (wanted && !pinned && moving === target) stop();
      }
    }, { rootMargin: "-45% 0px -45% 0px" });
    cards.forEach((card) => seen.observe(card));
  }
}

// Films: how many frames there are, and each as it is drawn onto a canvas. Two ways to decode a GIF, the same pixels.
async function nativeFilm(data) {
  const decoder = new ImageDecoder({ data, type: "image/gif" });
  await Promise.all([decoder.tracks.ready, decoder.completed]);
  const frames = decoder.tracks.selectedTrack.frameCount;
  return {
    frames,
    async draw(context, frame) { // -> how long it stands, in milliseconds
      const { image } = await decoder.decode({ frameIndex: frame });
      fit(context.canvas, image.displayWidth, image.displayHeight);
      context.drawImage(image, 0, 0);
      const stands = image.duration / 1000;
      image.close();
      return stands;
    },
    close() { decoder.close(); },
  };
}

async function portableFilm(data) {
  await loadDecoder();
  const { decode, decodeFrames } = globalThis.modernGif;
  const gif = decode(data);
  const patch = new OffscreenCanvas(gif.width, gif.height);
  const base = new OffscreenCanvas(gif.width, gif.height);
  const onto = base.getContext("2d", { willReadFrequently: true });
  const kept = new Map(); // every so many frames the whole picture, so that going back need not start over
  const EVERY = 16;
  let at = -1;
  return {
    frames: gif.frames.length,
    async draw(context, frame) {
      if (frame < at || Math.floor(frame / EVERY) > Math.floor(at / EVERY)) {
        const nearest = [...kept.keys()].filter((known) => known <= frame && (frame < at || known > at)).pop();
        if (nearest !== undefined) {
          onto.putImageData(kept.get(nearest), 0, 0);
          at = nearest;
        } else if (frame < at) {
          at = -1;
        }
      }
      while (at < frame) {
        at += 1;
        const [one] = decodeFrames(data, { gif, range: [at, at] });
        if (at === 0) onto.clearRect(0, 0, gif.width, gif.height);
        patch.getContext("2d").putImageData(new ImageData(one.data, gif.width, gif.height), 0, 0);
        onto.drawImage(patch, 0, 0);
        if (at % EVERY === 0 && !kept.has(at)) kept.set(at, onto.getImageData(0, 0, gif.width, gif.height));
      }
      fit(context.canvas, gif.width, gif.height);
      context.drawImage(base, 0, 0);
      return gif.frames[frame].delay;
    },
    close() {},
  };
}

function fit(canvas, width, height) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

function loadDecoder() {
  return new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = new URL("modern-gif.js", own).href;
    script.onload = done;
    script.onerror = failed;
    document.head.append(script);
  });
}

async function openFilm(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  const data = await answer.arrayBuffer();
  const native = "ImageDecoder" in globalThis && (await ImageDecoder.isTypeSupported("image/gif"));
  return native ? nativeFilm(data) : portableFilm(data);
}

// The player: a canvas over the poster once something is to be seen on it, else the picture itself.
class Player {
  constructor(figure) {
    this.figure = figure;
    this.poster = figure.querySelector("picture img");
    this.controls = figure.querySelector(".controls");
    this.slider = this.controls.querySelector("input");
    this.told = figure.querySelector(".sentence");
    this.states = [...figure.querySelectorAll(".states li")];
    this.canvas = document.createElement("canvas");
    this.canvas.hidden = true;
    this.canvas.setAttribute("role", "img");
    this.canvas.setAttribute("aria-label", this.poster.alt);
    this.poster.closest(".screen").append(this.canvas);
    this.frame = 0;
    this.playing = false;
    this.film = null;
    this.failed = false;
    this.work = Promise.resolve();
    this.bind();
    if (!still.matches && store.get("motion") !== "off") this.toggle();
  }

  get address() { return this.poster.currentSrc.replace(/-preview\.png$/, ".gif"); }
  get speed() { return Number(this.controls.querySelector("select").value); }

  bind() {
    const doing = { play: () => this.toggle(), back: () => this.show(this.frame - 1), next: () => this.show(this.frame + 1) };
    this.controls.hidden = false;
    for (const button of this.controls.querySelectorAll("button")) button.addEventListener("click", doing[button.dataset.do]);
    this.slider.addEventListener("input", () => this.show(Number(this.slider.value)));
    this.canvas.addEventListener("click", () => this.toggle());
    this.poster.addEventListener("click", () => this.toggle());
    document.addEventListener("themechange", () => this.reopen());
    matchMedia("(max-width: 40rem)").addEventListener("change", () => this.reopen());
    document.addEventListener("keydown", (event) => this.key(event));
    for (const state of this.states) {
      const name = state.querySelector("strong");
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = name.textContent;
      button.addEventListener("click", () => this.show(Number(state.dataset.frame)));
      name.replaceChildren(button);
    }
  }

  key(event) {
    const at = event.target;
    const ours = at === document.body || (this.figure.contains(at) && !at.closest("button, input, select, a"));
    if (!ours || event.ctrlKey || event.metaKey || event.altKey) return;
    const doing = {
      " ": () => this.toggle(), ArrowLeft: () => this.show(this.frame - 1), ArrowRight: () => this.show(this.frame + 1),
      Home: () => this.show(0), End: () => this.show(Infinity),
    }[event.key];
    if (doing) { event.preventDefault(); doing(); }
  }

  async open() {
    if (this.film || this.failed) return;
    try {
      this.film = await openFilm(this.address);
      this.slider.max = this.film.frames - 1;
    } catch { // a page from a disk may not read files: the browser plays the picture, as it is
      this.failed = true;
      for (const part of this.controls.querySelectorAll("[data-do=back], [data-do=next], input, label, output")) part.hidden = true;
      for (const button of this.figure.querySelectorAll(".states button")) button.replaceWith(button.textContent);
    }
  }

  async reopen() {
    if (!this.film && !this.failed) return;
    const playing = this.playing;
    this.pause();
    await this.work;
    this.film?.close();
    this.film = null;
    this.canvas.hidden = true;
    this.poster.hidden = false;
    if (this.failed) return;
    await new Promise((settled) => requestAnimationFrame(() => requestAnimationFrame(settled)));
    await this.show(this.frame);
    if (playing) this.toggle();
  }

  // Frame after frame, one at a time: -> how long it stands, in milliseconds.
  show(frame) {
    this.pause();
    return this.enqueue(frame);
  }

  enqueue(frame) {
    this.work = this.work.then(async () => {
      await this.open();
      if (this.failed) return 0;
      this.frame = Math.max(0, Math.min(frame, this.film.frames - 1));
      const stands = await this.film.draw(this.canvas.getContext("2d"), this.frame);
      this.canvas.hidden = false;
      this.poster.hidden = true;
      this.slider.value = this.frame;
      this.slider.setAttribute("aria-valuetext", `frame ${this.frame + 1} of ${this.film.frames}`);
      this.controls.querySelector("output").textContent = `${this.frame + 1} of ${this.film.frames}`;
      this.tell();
      return stands;
    });
    return this.work;
  }

  tell() {
    const now = this.states.filter((state) => Number(state.dataset.frame) <= this.frame).pop();
    for (const state of this.states) state.classList.toggle("now", state === now);
    this.figure.dataset.frame = this.frame;
    if (now && this.told.textContent !== now.dataset.sentence) this.told.textContent = now.dataset.sentence;
  }

  pause() {
    this.playing = false;
    const button = this.controls.querySelector("[data-do=play]");
    button.textContent = "▶";
    button.setAttribute("aria-label", "Play");
    if (this.failed) this.poster.src = this.poster.dataset.still ?? this.poster.src;
  }

  async toggle() {
    if (this.playing) return this.pause();
    this.playing = true;
    const button = this.controls.querySelector("[data-do=play]");
    button.textContent = "❚❚";
    button.setAttribute("aria-label", "Pause");
    await (this.work = this.work.then(() => this.open()));
    if (this.failed) return this.playAsItIs();
    if (!this.playing) return undefined;
    if (this.frame >= this.film.frames - 1) this.frame = -1;
    let due = performance.now();
    let stands = await this.enqueue(this.canvas.hidden ? 0 : this.frame + 1);
    while (this.playing) {
      due = Math.max(due + stands / this.speed, performance.now());
      await new Promise((settled) => setTimeout(settled, due - performance.now()));
      if (!this.playing) break;
      stands = await this.enqueue(this.frame + 1 < this.film.frames ? this.frame + 1 : 0);
    }
    return undefined;
  }

  playAsItIs() {
    const film = this.address;
    for (const source of this.figure.querySelectorAll("source")) source.remove();
    this.poster.dataset.still = this.poster.dataset.still ?? film.replace(/\.gif$/, "-preview.png");
    this.poster.src = film;
  }
}

// The ledger: the rows of one verdict, or all.
function startLedger() {
  const choices = document.querySelectorAll(".verdicts button");
  const rows = [...document.querySelectorAll("[aria-label=claims] tbody tr")];
  for (const choice of choices) {
    choice.addEventListener("click", () => {
      const on = choice.getAttribute("aria-pressed") !== "true";
      for (const other of choices) other.setAttribute("aria-pressed", String(on && other === choice));
      for (const row of rows) row.hidden = on && row.lastElementChild.querySelector("span").textContent !== choice.dataset.verdict;
    });
  }
}

// Settings: the command that makes a picture with them, to copy.
function startSettings() {
  for (const form of document.querySelectorAll("form.settings")) {
    const command = form.querySelector("code");
    const plain = command.textContent;
    const quoted = (text) => (/^[\w.+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
    form.querySelector("details").hidden = false;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", () => {
      for (const field of form.querySelectorAll("input")) field.setAttribute("aria-invalid", String(!field.validity.valid));
      const changed = [...form.querySelectorAll("input")].filter((field) => field.value !== field.dataset.default);
      const options = changed.map((field) => (
        field.dataset.as ? `${field.dataset.as} ${quoted(field.value)}` : `--set ${field.name}=${quoted(field.value)}`));
      command.textContent = [plain, ...options].join(" ");
    });
    const button = form.querySelector(".copy");
    if (navigator.clipboard) {
      button.hidden = false;
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(command.textContent);
        button.textContent = "Copied";
        setTimeout(() => { button.textContent = "Copy"; }, 1500);
      });
    }
  }
}

addEventListener("DOMContentLoaded", () => {
  startThemes();
  startCards();
  document.querySelectorAll(".player").forEach((figure) => new Player(figure));
  startLedger();
  startSettings();
});
