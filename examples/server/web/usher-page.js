// usher-page.js - the tools for building pages, with what only the console has a use for.
// SPDX-License-Identifier: MIT

export * from './usher-dom.js';

const SVG = 'http://www.w3.org/2000/svg';

// "today", "yesterday", or the date. lang: undefined for the browser's own.
export function dayName(at, lang) {
    const day = (ms) => new Date(ms).setHours(0, 0, 0, 0);
    const ago = Math.round((day(Date.now()) - day(at)) / 86400000);
    return ago < 2 ? new Intl.RelativeTimeFormat(lang, {numeric: 'auto'}).format(-ago, 'day')
        : new Date(at).toLocaleDateString(lang, {dateStyle: 'long'});
}

// A line drawing of 24 by 24 from path data.
export function icon(path) {
    const svg = document.createElementNS(SVG, 'svg');
    const line = document.createElementNS(SVG, 'path');
    svg.setAttribute('viewBox', '0 0 24 24');
    svg.setAttribute('class', 'icon');
    svg.setAttribute('aria-hidden', 'true');
    line.setAttribute('d', path);
    svg.append(line);
    return svg;
}

export const ICONS = {
    down: 'M6 9l6 6 6-6',
    send: 'M4 12l16-7-6 16-3-7z',
    lock: 'M6 11h12v9H6zM9 11V8a3 3 0 016 0v3',
    talk: 'M4 5h16v11H9l-5 4z',
    close: 'M6 6l12 12M18 6L6 18',
    back: 'M15 5l-7 7 7 7',
    move: 'M4 8h13M13 4l4 4-4 4M20 16H7M11 12l-4 4 4 4',
};

// Two soft tones, made here so that no file has to be fetched. Browsers allow
// it only after the person has done something on the page.
export class Chime {
    constructor() {
        this._audio = null;
    }

    // From within a click.
    allow() {
        const Audio = globalThis.AudioContext;
        this._audio ??= Audio ? new Audio() : null;
        this._audio?.resume().catch(() => {});
    }

    play(...tones) {
        if (this._audio === null || this._audio.state !== 'running') {
            return;
        }
        tones.forEach((hertz, i) => {
            const at = this._audio.currentTime + i * 0.16;
            const tone = this._audio.createOscillator();
            const volume = this._audio.createGain();
            tone.frequency.value = hertz;
            volume.gain.setValueAtTime(0, at);
            volume.gain.linearRampToValueAtTime(0.18, at + 0.02);
            volume.gain.exponentialRampToValueAtTime(0.001, at + 0.3);
            tone.connect(volume).connect(this._audio.destination);
            tone.start(at);
            tone.stop(at + 0.32);
        });
    }
}
