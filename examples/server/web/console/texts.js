// texts.js - everything that the console says, in one place for translators.
// SPDX-License-Identifier: MIT

import {fill} from '../usher-page.js';

const EVENTS = {
    opened: 'Opened in {queue}',
    joined: '{who} joined',
    left: '{who} lost the connection; it waits in {queue} again',
    moved_queue: '{who} moved it to {queue}',
    moved_agent: '{who} moved it to {agent}',
    closed_by: '{who} ended it',
    closed_abandoned: 'Ended: the visitor was gone for too long',
    reopened: '{who} reopened it in {queue}',
};

const KINDS = {visitor: 'visitor', agent: 'agent', bot: 'bot', system: 'system'};

export function queueName(id, link) {
    return link.me?.queues?.find((queue) => queue.id === id)?.name ?? id;
}

function who(by) {
    return by?.name || (by?.kind === 'visitor' ? 'The visitor' : KINDS[by?.kind] ?? '?');
}

function agentName(agent) {
    return agent?.name || agent?.id || '?';
}

export const TEXTS = {
    brand: 'Desk',
    title: 'Desk',
    signin: {
        title: 'Sign in to the desk',
        agent: 'Agent',
        password: 'Password',
        go: 'Sign in',
        busy: 'Signing in…',
        wrong: 'That name and password do not go together.',
        locked: 'Too many attempts. Try again in {wait}.',
        seconds: (s) => (s < 90 ? `${s} seconds` : `${Math.ceil(s / 60)} minutes`),
        failed: 'The desk does not answer. Try again in a moment.',
        over: 'Your sign-in has ended. Please sign in again.',
    },
    out: 'Sign out',
    ready: 'Ready',
    away: 'Away',
    ready_hint: 'New sessions are offered to you',
    go_ready: 'Go ready',
    go_away: 'Go away…',
    why_away: 'Why?',
    reasons: ['Break', 'Lunch', 'Meeting', 'Paperwork', 'End of the day'],
    away_why: {asked: '', missed: 'you missed too many offers', lost: 'you were not connected'},
    link: {
        open: 'Connected',
        connecting: 'Connecting…',
        waiting: 'Connection lost. Trying again…',
        offline: 'You are offline. What you write is kept, and sent when you are back.',
        replaced: 'The console is open in too many windows. Click here to go on in this one.',
        off: 'Not connected',
        degraded: 'Messages cannot be stored right now. They are kept here until they can.',
    },
    offers: 'Offers',
    sessions: 'Your sessions',
    no_sessions_ready: 'Nothing to do right now. New sessions are offered to you here.',
    no_sessions_away: 'Go ready, and new sessions will be offered to you here.',
    pick: 'Choose a session on the left.',
    accept: 'Accept',
    decline: 'Decline',
    offer: {
        title: '{who} waits in {queue}',
        left: '{s} s left',
        someone: 'A visitor',
        over: {
            missed: 'You missed an offer: {who} in {queue}.',
            lost: 'An offer ended, because you were not connected.',
            gone: '{who} is gone; the offer is over.',
            restart: 'The desk was started anew; the offer is over.',
        },
        too_late: 'That offer is over.',
    },
    missed_away: 'You missed too many offers, so you are away now. Go ready when you are back.',
    lost_away: 'You were not connected for too long, so you are away now.',
    dismiss: 'Dismiss',
    flash_offer: '● New offer: {queue}',
    flash_unread: '({n}) New messages',
    notify_offer: 'New offer: {queue}',
    notify_said: 'New message from {who}',
    visitor: 'Visitor {id}',
    unread: (n) => `${n} unread`,
    states: {waiting: 'waiting', active: '', held: 'held', closed: 'ended', passed: 'passed on'},
    here: 'here',
    gone: 'not on the page',
    back: 'Back to the list',
    transfer: 'Transfer',
    end: 'End',
    hide: 'Hide this session',
    to_queue: 'To a queue',
    to_agent: 'To an agent',
    cancel: 'Cancel',
    end_sure: 'End this session?',
    end_yes: 'End it',
    ended: 'This session has ended.',
    passed: 'You passed this session on.',
    lost: 'This session is not yours any more.',
    clear: 'Clear from the list',
    reopen: 'Reopen',
    reply: 'Reply',
    note: 'Note',
    reply_hint: 'Write to {who}…',
    note_hint: 'A note that only agents see…',
    note_label: 'Internal note',
    send: 'Send',
    add_note: 'Add note',
    older: 'Show earlier messages',
    log_label: 'Messages',
    you: 'You',
    sending: 'sending…',
    sent: 'sent',
    seen: 'seen',
    internal: 'internal note',
    not_sent: 'Not sent: {why}.',
    lost_text: 'Not sent, because {why}: “{text}”',
    retry: 'Try again',
    edit: 'Edit',
    discard: 'Discard',
    typing: '{who} is typing…',
    too_long: 'Too long by {n} bytes.',
    refused: 'That did not work: {why}.',
    kinds: KINDS,
    whys: {
        old: 'it waited for too long',
        too_large: 'it is too long',
        too_fast: 'that was too fast, it is tried again',
        full: 'there is no room for it right now',
        closed: 'the session has ended',
        unknown: 'the session is not yours',
        busy: 'the desk is busy, it is tried again',
        degraded: 'nothing can be stored right now, it is tried again',
        taken: 'the visitor has another session open',
        bad_field: 'something in it is not accepted',
        bad_frame: 'something in it is not accepted',
        offer_over: 'the offer is over',
    },

    // The line that a fact makes in the log; null: none.
    fact(fact, link) {
        const values = {who: who(fact.by), queue: queueName(fact.queue, link),
                        agent: agentName(fact.agent)};
        switch (fact.type) {
        case 'opened':
        case 'reopened':
            return fill(EVENTS[fact.type], values);
        case 'joined':
        case 'left':
            return fill(EVENTS[fact.type], {...values, who: agentName(fact.agent)});
        case 'moved':
            return fill(fact.agent ? EVENTS.moved_agent : EVENTS.moved_queue, values);
        case 'closed':
            return fill(fact.why === 'abandoned' ? EVENTS.closed_abandoned : EVENTS.closed_by,
                        values);
        default:
            return null;
        }
    },
};
