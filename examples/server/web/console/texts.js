// texts.js - picks the language of the console, and puts names, times and numbers into its texts.
// SPDX-License-Identifier: MIT

import {clockTime, dayName, fill} from '../usher-page.js';

export const LANGUAGES = {en: 'English', ar: 'العربية', pl: 'Polski', th: 'ไทย', zh: '简体中文'};
const MINUTE_MS = 60000;

// The one that was chosen before, else the first of the browser's that we speak.
export function chooseLanguage(kept, wanted) {
    const ours = [kept, ...wanted.map((tag) => tag.toLowerCase().split('-')[0])];
    return ours.find((tag) => Object.hasOwn(LANGUAGES, tag ?? '')) ?? 'en';
}

export function queueName(id, link) {
    return link.me?.queues?.find((queue) => queue.id === id)?.name ?? id;
}

function agentName(agent) {
    return agent?.name || agent?.id || '?';
}

// What the texts need to be said: they themselves are only data.
class Speech {
    constructor(lang, texts) {
        Object.assign(this, texts);
        // The digits that are in the texts, also where a browser would choose others.
        this.lang = `${lang}-u-nu-latn`;
        this.dir = lang === 'ar' ? 'rtl' : 'ltr';
        this._plural = new Intl.PluralRules(lang);
        this._number = new Intl.NumberFormat(this.lang);
        this._units = Object.fromEntries(['second', 'minute', 'hour', 'day'].map((unit) => [
            unit, new Intl.NumberFormat(this.lang, {style: 'unit', unit, unitDisplay: 'short'})]));
    }

    number(n) {
        return this._number.format(n);
    }

    // Of "{n} reply" and "{n} replies" the one that fits n.
    count(forms, n) {
        return fill(forms[this._plural.select(n)] ?? forms.other, {n: this.number(n)});
    }

    clock(at) {
        return clockTime(at, this.lang);
    }

    day(at) {
        return dayName(at, this.lang);
    }

    // How long, to the largest unit that says something.
    lasting(ms) {
        const minutes = Math.floor(Math.max(0, ms) / MINUTE_MS);
        if (minutes < 1) {
            return this._units.second.format(Math.floor(Math.max(0, ms) / 1000));
        }
        const [unit, n] = minutes < 90 ? ['minute', minutes]
            : minutes < 48 * 60 ? ['hour', Math.floor(minutes / 60)]
                : ['day', Math.floor(minutes / 1440)];
        return this._units[unit].format(n);
    }

    // The line that a fact makes in the log; null: none.
    fact(fact, link) {
        const {events} = this;
        const values = {who: this._who(fact.by), queue: queueName(fact.queue, link),
                        agent: agentName(fact.agent)};
        switch (fact.type) {
        case 'opened':
        case 'reopened':
            return fill(events[fact.type], values);
        case 'joined':
        case 'left':
            return fill(events[fact.type], {...values, who: agentName(fact.agent)});
        case 'moved':
            return fill(fact.agent ? events.moved_agent
                : events[`moved_${fact.why}`] ?? events.moved_queue, values);
        case 'escalated':
            return events.escalated;
        case 'closed':
            return fill(events[`closed_${fact.why}`] ?? events.closed_by, values);
        default:
            return null;
        }
    }

    _who(by) {
        return by?.name || (by?.kind === 'visitor' ? this.events.the_visitor
            : this.kinds[by?.kind] ?? '?');
    }
}

export async function loadTexts(lang) {
    const {TEXTS} = await import(`./texts/${lang}.js`);
    return new Speech(lang, TEXTS);
}
