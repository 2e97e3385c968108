/**
 * What a view is. It is made when it is shown and closed when another one is; between the two, `refresh` fetches what
 * it shows (after each connection of the feed, as events are never replayed) and `event` applies what happened since.
 *
 * @typedef {object} View
 * @property {HTMLElement} element
 * @property {string[]} events what it wants to hear of, besides `overview` and `feed`
 * @property {string|null} [request] limits `chunks` and adds `trace`
 * @property {() => Promise<void>} refresh
 * @property {(name: string, data: any) => void} event
 * @property {() => void} close gives timers, observers and canvases back
 */

/**
 * What a view may ask of the page.
 *
 * @typedef {object} Context
 * @property {Session} session
 * @property {(request: string|null) => void} follow subscribes anew, to another request
 * @property {() => void} reload fetches what the view shows once more
 */

/**
 * @typedef {object} Session
 * @property {string} version
 * @property {boolean} authenticated
 * @property {boolean} tokenNeeded
 * @property {boolean} [promptsVisible]
 * @property {boolean} [readOnly]
 * @property {boolean} [playground]
 * @property {boolean} [retry]
 * @property {number} [serverTime]
 * @property {number} [historyFrom]
 * @property {string[]} [missingTopics]
 * @property {string} [flink]
 * @property {string} [model]
 * @property {string} [feed]
 * @property {string} [feedProblem]
 */

/**
 * A request, as lists have it.
 *
 * @typedef {object} RequestRow
 * @property {string} requestId
 * @property {string} state
 * @property {string} [tenant]
 * @property {string} [conversationId]
 * @property {string} [model]
 * @property {number} [createdAt]
 * @property {number} [endedAt]
 * @property {number} [promptTokens]
 * @property {number} [cachedTokens]
 * @property {number} [reasoningTokens]
 * @property {number} [completionTokens]
 * @property {number} [queueMs]
 * @property {number} [timeToFirstTokenMs]
 * @property {number} [totalMs]
 * @property {string} [finishReason]
 * @property {string} [errorCode]
 * @property {number} [attempts]
 * @property {number} [samples]
 */

export {};
