import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { HttpRequestError, LimitExceededRpcError, RpcRequestError, TimeoutError } from 'viem'
import { logRefusalOf } from './log-refusal.ts'

const URL = 'https://node.example/v2/rate-limit-key'
const BODY = { method: 'eth_getLogs', params: [{ fromBlock: '0x0', toBlock: '0xffff' }] }

type Answer = { code: number; message: string; data?: unknown }
/** What a provider said, and where that is told. */
type Case = { who: string; source: string; answer: Answer }

const TABLE = join(import.meta.dirname, '../../test/vectors/log-refusals.json')
const { tooMuch, otherwise } = JSON.parse(readFileSync(TABLE, 'utf8')) as Record<
  'tooMuch' | 'otherwise',
  Case[]
>

const asViemSays = (answer: Answer) => {
  const cause = new RpcRequestError({ body: BODY, error: answer, url: URL })
  return answer.code === -32005 ? new LimitExceededRpcError(cause) : cause
}

const shapes: [string, (answer: Answer) => unknown][] = [
  ['as viem throws it', asViemSays],
  ['as a plain error', ({ message, ...rest }) => Object.assign(new Error(message), rest)],
  [
    'as the cause of another error',
    (answer) => new Error('HTTP request failed', { cause: asViemSays(answer) }),
  ],
  ['nested in data', (answer) => ({ code: -32603, message: 'Internal error', data: { error: answer } })],
  ['as JSON in the body of an HTTP answer', (answer) => asHttp(400, JSON.stringify(answer))],
]

function asHttp(status: number, details: string) {
  return new HttpRequestError({ body: BODY, details, status, url: URL })
}

describe('the words of nodes that refuse logs', () => {
  for (const [shape, wrap] of shapes) {
    it(`ask for a smaller range, ${shape}`, () => {
      for (const { who, source, answer } of tooMuch)
        expect(logRefusalOf(wrap(answer)), `${who} (${source})`).to.equal('tooMuch')
    })

    it(`ask for something else, ${shape}`, () => {
      for (const { who, source, answer } of otherwise)
        expect(logRefusalOf(wrap(answer)), `${who} (${source})`).to.equal(undefined)
    })
  }

  it('count by their HTTP status, whatever a page says', () => {
    const words = 'query returned more than 10000 results'
    expect(logRefusalOf(asHttp(413, '"413 Request Entity Too Large nginx"'))).to.equal('tooMuch')
    expect(logRefusalOf(asHttp(413, ''))).to.equal('tooMuch')
    for (const status of [401, 403, 404, 429]) expect(logRefusalOf(asHttp(status, words))).to.equal(undefined)
    expect(logRefusalOf(asHttp(502, '"502 Bad Gateway nginx"'))).to.equal(undefined)
    expect(logRefusalOf(asHttp(503, '"Service Unavailable"'))).to.equal(undefined)
  })

  it('are about time when a gateway or this client gave up waiting', () => {
    expect(logRefusalOf(asHttp(504, '"504 Gateway Time-out nginx"'))).to.equal('tooSlow')
    expect(logRefusalOf(asHttp(502, '"node.example | 524: A timeout occurred"'))).to.equal('tooSlow')
    expect(logRefusalOf(new TimeoutError({ body: BODY, url: URL }))).to.equal('tooSlow')
  })

  it('are never taken from the request, the address or a network error', () => {
    const url = 'https://node.example/block-range-too-large'
    const body = { method: 'eth_getLogs', params: ['block range too large'] }
    expect(logRefusalOf(new HttpRequestError({ body, details: 'fetch failed', url }))).to.equal(undefined)
    for (const words of ['connect ETIMEDOUT 192.0.2.1:443', 'Connect Timeout Error', 'socket hang up'])
      expect(logRefusalOf(new Error('fetch failed', { cause: new Error(words) })), words).to.equal(undefined)
    expect(logRefusalOf(undefined)).to.equal(undefined)
  })

  it('end a search in an error that contains itself', () => {
    const loop: { message: string; cause?: unknown } = { message: 'odd' }
    loop.cause = loop
    expect(logRefusalOf(loop)).to.equal(undefined)
  })
})
