// usher-thread-style.js - how the messages of a session look to an agent.
// SPDX-License-Identifier: MIT

import {THREAD} from './widget-style.js';

export const THREAD_STYLE = `${THREAD}
.message.internal .bubble {
    border: 1px dashed var(--note-line);
    background: var(--note);
    color: var(--note-ink);
}
.secret { color: var(--note-strong); font-weight: 600; }
.secret .icon { inline-size: 13px; block-size: 13px; }
`;
