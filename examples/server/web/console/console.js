// console.js - the agents' console: signs in, keeps the link, and puts the desk around it.
// SPDX-License-Identifier: MIT

import {UsherLink} from '../usher.js';
import {Store} from '../usher-outbox.js';
import {watchPage} from '../usher-page.js';
import {THREAD_STYLE} from '../usher-thread-style.js';
import {Alert} from './alert.js';
import {Desk} from './desk.js';
import {Drafts} from './drafts.js';
import {Arrangement} from './layout.js';
import {Prefs, TextSize} from './prefs.js';
import {readingChoices} from './settings.js';
import {SignIn} from './signin.js';
import {chooseLanguage, loadTexts} from './texts.js';

const BASE = new URL('../', import.meta.url);
const TOKEN = 'usher.agent';
const GONE_MS = 1500;           // so long signing out waits for the desk

class Console {
    constructor() {
        this.alert = new Alert();
        this._storage = new Store(() => localStorage);
        this.prefs = new Prefs(this._storage);
        this.size = new TextSize(this.prefs, () => this._desk?.schedule());
        this.alert.sound = this.prefs.get('sound', true);
        this._tokens = new Store(() => sessionStorage);
        this._desk = null;
        this._life = null;
        this.speak = (lang) => this._speak(lang);
        this.signOut = () => this._signOut();
    }

    async begin() {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(THREAD_STYLE);
        document.adoptedStyleSheets = [sheet];
        document.addEventListener('pointerdown', () => this.alert.allow());
        await this._load(chooseLanguage(this.prefs.get('language', null), navigator.languages));
        const kept = this._tokens.get(TOKEN);
        if (kept !== null) {
            this._enter(JSON.parse(kept));
        } else {
            this._askWho('');
        }
    }

    // ---- language -------------------------------------------------------

    async _load(lang) {
        this.texts = await loadTexts(lang);
        this.alert.texts = this.texts;
        document.documentElement.lang = lang;
        document.documentElement.dir = this.texts.dir;
    }

    async _speak(lang) {
        this.prefs.set('language', lang);
        await this._load(lang);
        if (this._desk === null) {
            this._askWho('');
            document.querySelector('.reading select').focus();
        } else {
            this._build();
            this._desk.openSettings();
        }
    }

    // ---- signing in and out ---------------------------------------------

    _askWho(why) {
        const signin = new SignIn(BASE, this.texts, readingChoices(this),
                                  () => this.alert.allow(), (who) => {
            this._tokens.set(TOKEN, JSON.stringify(who));
            this._enter(who);
        });
        document.body.replaceChildren(signin.node);
        signin.show(why);
    }

    _enter({agent, token}) {
        const url = new URL('usher', BASE);
        url.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:';
        this.agent = agent;
        this.drafts = new Drafts(this.prefs, agent);
        this.arrangement = new Arrangement();
        this._life = new AbortController();
        this.link = new UsherLink({url: url.href, as: 'agent', token, space: `usher.agent.${agent}`,
                                   storage: this._storage, locks: navigator.locks});
        this._build();
        this._listen();
        this.link.connect();
    }

    _build() {
        this._desk?.end();
        this._desk = new Desk(this);
        document.body.replaceChildren(this._desk.node);
        this._desk.schedule();
    }

    // What the link says goes to the desk that is there now.
    _listen() {
        const here = (act) => (value) => this._desk !== null && act(this._desk, value);
        this.link.on('change', here((desk) => desk.schedule()))
            .on('hello', here((desk) => desk.greeted()))
            .on('offer', here((desk, offer) => desk.offered(offer)))
            .on('offer_over', here((desk, note) => desk.offerOver(note)))
            .on('agent', here((desk, note) => desk.agentNote(note)))
            .on('note', here((desk, note) => desk.note(note)))
            .on('fact', here((desk, {log, fact}) => desk.fact(log, fact)))
            .on('refused', here((desk, event) => desk.refused(event)))
            .on('state', here((desk, state) => {
                if (state === 'signed_out') {
                    this._leave(this.texts.signin.over);
                }
            }));
        watchPage(this.link, this._life.signal);
    }

    async _signOut() {
        const gone = this.link.me?.ready && this.link.state === 'open'
            ? this.link.ready(false) : Promise.resolve();
        await Promise.race([gone.catch(() => {}),
                            new Promise((done) => setTimeout(done, GONE_MS))]);
        this.link.disconnect();
        this._leave('');
    }

    _leave(why) {
        this._life.abort();
        this._desk.end();
        this._desk = null;
        this._tokens.remove(TOKEN);
        this.alert.update([], 0, String);
        this._askWho(why);
    }
}

new Console().begin();
