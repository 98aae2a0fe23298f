// prefs.js - remembers in this browser what an agent has chosen: language, text size, sound, and more.
// SPDX-License-Identifier: MIT

const SPACE = 'usher.console.';
export const SIZES = [80, 90, 100, 110, 125, 150, 175, 200];

export class Prefs {
    // A Store.
    constructor(storage) {
        this._storage = storage;
    }

    get(name, otherwise) {
        try {
            return JSON.parse(this._storage.get(SPACE + name)) ?? otherwise;
        } catch {
            return otherwise;
        }
    }

    set(name, value) {
        this._storage.set(SPACE + name, JSON.stringify(value));
    }

    remove(name) {
        this._storage.remove(SPACE + name);
    }

    // What follows `start` in the names that begin with it.
    names(start) {
        return this._storage.names().filter((name) => name.startsWith(SPACE + start))
            .map((name) => name.slice(SPACE.length + start.length));
    }
}

// The size of all texts, in percent of what the browser would show.
export class TextSize {
    constructor(prefs, changed) {
        this._prefs = prefs;
        this._changed = changed;
        this._apply(prefs.get('size', 100));
    }

    get scale() {
        return this.percent / 100;
    }

    get smallest() {
        return this.percent === SIZES[0];
    }

    get largest() {
        return this.percent === SIZES.at(-1);
    }

    step(by) {
        const at = SIZES.indexOf(this.percent) + by;
        this._apply(SIZES[Math.max(0, Math.min(SIZES.length - 1, at))]);
        this._prefs.set('size', this.percent);
        this._changed();
    }

    _apply(percent) {
        this.percent = SIZES.includes(percent) ? percent : 100;
        document.documentElement.style.fontSize = `${this.percent}%`;
    }
}
