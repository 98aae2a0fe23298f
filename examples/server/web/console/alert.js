// alert.js - makes an agent notice: sound, the title, and a notification when the page is hidden.
// SPDX-License-Identifier: MIT

import {Chime, fill, TitleFlash} from '../usher-page.js';

const AGAIN_MS = 4000;          // an offer rings until it is answered
const OFFER_TONES = [659, 880, 1109];
const SAID_TONES = [784];

export class Alert {
    constructor() {
        this.texts = null;              // in the language of now
        this.sound = true;
        this._chime = new Chime();
        this._flash = new TitleFlash();
        this._ringing = null;
        this._notes = new Map();        // tag -> Notification
    }

    // From within a click: browsers want that for sound.
    allow() {
        this._chime.allow();
    }

    // granted, denied or default (not asked yet).
    get permission() {
        return globalThis.Notification?.permission ?? 'denied';
    }

    // From within a click.
    async askPermission() {
        if (this.permission === 'default') {
            await Notification.requestPermission().catch(() => {});
        }
    }

    // What there is now; called whenever that changes.
    update(offers, unread, queueName) {
        if (offers.length > 0) {
            this._flash.show(fill(this.texts.flash_offer, {queue: queueName(offers[0].queue)}));
            if (this._ringing === null) {
                this._play(OFFER_TONES);
                this._ringing = setInterval(() => this._play(OFFER_TONES), AGAIN_MS);
            }
        } else {
            clearInterval(this._ringing);
            this._ringing = null;
            this._flash.show(unread > 0 ? fill(this.texts.flash_unread, {n: unread}) : '');
        }
        for (const [tag, note] of this._notes) {
            if (!offers.some((offer) => offer.offer === tag) && tag.startsWith('o-')) {
                note.close();
                this._notes.delete(tag);
            }
        }
    }

    offer(offer, title, body) {
        this._notify(offer.offer, title, body);
    }

    said(session, title, body) {
        this._play(SAID_TONES);
        this._notify(session, title, body);
    }

    _play(tones) {
        if (this.sound) {
            this._chime.play(...tones);
        }
    }

    _notify(tag, title, body) {
        if (document.visibilityState !== 'hidden'
            || this.permission !== 'granted') {
            return;
        }
        try {
            const note = new Notification(title, {body, tag});
            note.onclick = () => {
                globalThis.focus();
                note.close();
            };
            this._notes.set(tag, note);
        } catch {
            // Some phones allow it only to service workers; sound and title must do.
        }
    }
}
