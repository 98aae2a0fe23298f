// settings.js - what an agent may choose for himself: language, text size, sound, notifications.
// SPDX-License-Identifier: MIT

import {el} from '../usher-page.js';
import {Popup} from './popup.js';
import {LANGUAGES} from './texts.js';

// Language and text size, on the sign-in page and in the menu alike.
// page: {texts, size, speak(lang)}.
export function readingChoices(page) {
    const {texts, size} = page;
    const select = el('select', {'aria-label': texts.language, onchange: () => page.speak(
        select.value)}, ...Object.entries(LANGUAGES).map(([lang, name]) => el('option', {
        value: lang, lang, selected: lang === document.documentElement.lang}, name)));
    const value = el('output.percent');
    const step = (label, text, by) => el('button', {type: 'button', title: label, onclick: () => {
        size.step(by);
        show();
    }}, text, el('span.unseen', {}, ` ${label}`));
    const smaller = step(texts.smaller, 'A−', -1);
    const larger = step(texts.larger, 'A+', 1);
    // Not disabled, or the focus would be lost with the last step.
    const show = () => {
        value.textContent = `${texts.number(size.percent)} %`;
        smaller.setAttribute('aria-disabled', String(size.smallest));
        larger.setAttribute('aria-disabled', String(size.largest));
    };
    show();
    return el('div.reading', {}, select, el('div.sizes', {role: 'group',
                                                          'aria-label': texts.size},
                                            smaller, value, larger));
}

export class Settings {
    // actions: help(), editCanned(), signOut().
    constructor(page, who, actions, signal) {
        const {texts, alert, prefs} = page;
        this._page = page;
        const sound = el('input', {type: 'checkbox', onchange: () => {
            alert.sound = sound.checked;
            prefs.set('sound', alert.sound);
        }});
        sound.checked = alert.sound;
        this._notices = el('span.value');
        const act = (text, then) => el('button', {type: 'button', onclick: () => {
            this.popup.toggle(false);
            then();
        }}, text);
        const panel = el('div.menu.settings', {role: 'group', 'aria-label': texts.menu.label
            .replace('{who}', who)},
                         readingChoices(page),
                         el('label.check', {}, sound, texts.menu.sound),
                         el('div.notices-row', {}, texts.menu.notices, this._notices), el('hr'),
                         act(texts.menu.shortcuts, actions.help),
                         act(texts.menu.canned, actions.editCanned), el('hr'),
                         act(texts.menu.out, actions.signOut));
        this._button = el('button.me', {type: 'button', dir: 'auto',
                                        'data-letter': [...who][0]?.toUpperCase() ?? '?'},
                          el('span.whole', {}, who),
                          el('span.unseen', {}, texts.menu.label.replace('{who}', '')));
        this.popup = new Popup(this._button, panel, signal, () => {
            this._drawNotices();
            return true;
        });
        this.node = this.popup.node;
    }

    // After a change of language the person goes on where he was.
    reopen() {
        this._drawNotices();
        this.popup.toggle(true);
        this.node.querySelector('select').focus();
    }

    _drawNotices() {
        const {texts: {menu}, alert} = this._page;
        this._notices.replaceChildren(
            alert.permission === 'granted' ? menu.notices_on
                : alert.permission === 'denied' ? menu.notices_blocked
                    : el('button.small', {type: 'button', onclick: async () => {
                        await alert.askPermission();
                        this._drawNotices();
                    }}, menu.notices_ask));
    }
}
