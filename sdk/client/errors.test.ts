import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect } from 'chai'
import {
  type Abi,
  type AbiParameter,
  createPublicClient,
  custom,
  encodeErrorResult,
  type Hex,
  HttpRequestError,
  http,
  InternalRpcError,
  parseEther,
  RpcRequestError,
  TimeoutError,
  UserRejectedRequestError,
  zeroAddress,
} from 'viem'
import { errorsAbi } from './error-abis.ts'
import { ERROR_TEXTS } from './error-texts/error-texts.ts'
import { AssayError, decodeFailure, decodeRevert, toldIn } from './errors.ts'
import { timeText } from './times.ts'

type ErrorItem = { type: 'error'; name: string; inputs: readonly AbiParameter[] }

const GENERATED = join(import.meta.dirname, '../generated')
const ADDRESS = '0x00000000000000000000000000000000000000C1'

/** Every custom error in the ABI of any of the contracts, by name. */
async function contractErrors(): Promise<Map<string, ErrorItem>> {
  const modules = await Promise.all(
    readdirSync(GENERATED).map((file) => import(pathToFileURL(join(GENERATED, file)).href)),
  )
  const items = modules.flatMap((module) => Object.values(module as Record<string, Abi>).flat())
  const errors = items.filter((item) => item.type === 'error') as ErrorItem[]
  return new Map(errors.map((item) => [item.name, item]))
}

/** A value of the type that is easy to find again in a text. */
function sample(type: string, at: number): unknown {
  if (type === 'address') return ADDRESS
  if (type === 'string') return 'slots'
  if (type === 'bool') return true
  if (type.startsWith('bytes')) return `0x${'ab'.repeat(Number(type.slice(5)))}`
  const bits = Number(type.replace('uint', ''))
  return bits <= 48 ? at + 1 : BigInt(at + 1)
}

function encode(item: ErrorItem): Hex {
  const args = item.inputs.map(({ type }, i) => sample(type, i))
  return encodeErrorResult({ abi: [item], errorName: item.name, args })
}

describe('Errors of the contracts', () => {
  let errors: Map<string, ErrorItem>
  before(async () => {
    errors = await contractErrors()
  })

  it('are all known, each with its values, a sentence and a fix', () => {
    expect(errors.size).to.be.above(60)
    for (const item of errors.values()) {
      const failure = decodeRevert(encode(item))
      expect(failure.name).to.equal(item.name)
      expect(ERROR_TEXTS, `add ${item.name} to sdk/client/error-texts/`).to.have.property(item.name)
      expect(failure.kind).to.equal('refused')
      const names = item.inputs.map(({ name }) => name)
      expect(Object.keys(failure.values), item.name).to.deep.equal(names)
      expect(failure.message, item.name).to.match(/^\S.{8,}\.$/s)
      expect(failure.fix, item.name).to.match(/^[A-Z].{4,}\.$/s)
      expect(`${failure.message} ${failure.fix}`, item.name).to.not.match(/undefined|NaN|\[object/)
    }
  })

  it('that no contract has any more are not explained either', () => {
    const known = new Set<string>(errorsAbi.map(({ name }) => name))
    const orphans = Object.keys(ERROR_TEXTS).filter((name) => !known.has(name))
    expect(orphans).to.deep.equal([])
    const invented = [...known].filter((name) => !errors.has(name))
    expect(invented).to.deep.equal([])
  })

  it('tell amounts in ASSAY, times and phases in words', () => {
    const stake = errors.get('StakeRegistry_FreeStakeTooLow')!
    const tooLow = (free: bigint) =>
      decodeRevert(
        encodeErrorResult({ abi: [stake], errorName: stake.name, args: [parseEther('101'), free] }),
      )
    expect(tooLow(parseEther('0.5'))).to.include({
      message: 'This needs 101 ASSAY of free stake, and 0.5 ASSAY is free.',
      fix: 'Stake 100.5 ASSAY more, ask for at most 0.5 ASSAY, or leave a task that reserves stake.',
    })
    expect(tooLow(0n).fix).to.equal('Stake 101 ASSAY more, or leave a task that reserves stake.')
    // Whoever does what the fix says has enough.
    expect(tooLow(parseEther('0.99999999'))).to.include({
      message: 'This needs 101 ASSAY of free stake, and 1 ASSAY is free.',
      fix: 'Stake 100.001 ASSAY more, ask for at most 0.999999 ASSAY, or leave a task that reserves stake.',
    })
    expect(tooLow(parseEther('100.99999999')).message).to.equal(
      'This needs 101 ASSAY of free stake, and 100.99999999 ASSAY is free.',
    )

    const unbonding = errors.get('StakeRegistry_StillUnbonding')!
    const later = encodeErrorResult({ abi: [unbonding], errorName: unbonding.name, args: [1_767_225_600n] })
    expect(decodeRevert(later).fix).to.equal(`Withdraw after ${timeText(1_767_225_600n)}.`)

    const slashers = errors.get('StakeRegistry_OnlySlashers')!
    const refused = (court: Hex) =>
      decodeRevert(
        encodeErrorResult({ abi: [slashers], errorName: slashers.name, args: [ADDRESS, ADDRESS, court] }),
      ).message
    expect(refused(zeroAddress)).to.equal(
      `Only rounds ${ADDRESS} can slash, with no court beside it, not ${ADDRESS}.`,
    )
    expect(refused(ADDRESS)).to.include(`with court ${ADDRESS} beside it,`)
    const juror = errors.get('StakeRegistry_OnlyCourt')!
    expect(
      decodeRevert(encodeErrorResult({ abi: [juror], errorName: juror.name, args: [ADDRESS, zeroAddress] }))
        .message,
    ).to.equal(`Only a court can do this, not ${ADDRESS}, and this deployment has no court.`)

    const phase = errors.get('Rounds_WrongPhase')!
    const wrong = encodeErrorResult({ abi: [phase], errorName: phase.name, args: [7n, 1, 5] })
    expect(decodeRevert(wrong).message).to.equal(
      'The round of task 7 is accepting submissions; this needs it to be in the score commit phase.',
    )
  })
})

describe('What binds a juror', () => {
  const told = (freeAt: bigint) =>
    decodeRevert(encodeErrorResult({ abi: errorsAbi, errorName: 'Jury_StillBound', args: [ADDRESS, freeAt] }))

  it('is told with its time, or as a place that was not left', () => {
    expect(told(1_767_225_600n).fix).to.equal(`Release the stake after ${timeText(1_767_225_600n)}.`)
    expect(told(2n ** 40n - 1n)).to.include({
      message: `${ADDRESS} hasn't left the jury.`,
      fix: 'Leave first, and release the stake later.',
    })
  })
})

describe('Refusals that name amounts of a reward token', () => {
  const args = [7n, 2_500_000n, 1_000_000n] as const
  const failure = decodeRevert(encodeErrorResult({ abi: errorsAbi, errorName: 'Tasks_FundsTooLow', args }))

  it('tell them in wei, and in the token if the caller knows it', () => {
    expect(failure.message).to.equal('Task 7 needs 2500000 wei for a round and has 1000000 wei.')
    expect(toldIn(failure, { symbol: 'USDC', decimals: 6 })).to.deep.equal({
      ...failure,
      message: 'Task 7 needs 2.5 USDC for a round and has 1 USDC.',
      fix: 'Fund the task with 1.5 USDC or more.',
    })
  })

  it('stay as they are if they are no refusal of ours', () => {
    const odd = decodeFailure(new Error('odd'))
    expect(toldIn(odd, { symbol: 'USDC', decimals: 6 })).to.equal(odd)
  })
})

describe('What a round binds', () => {
  const notFinal = (finalAt: bigint) =>
    decodeRevert(encodeErrorResult({ abi: errorsAbi, errorName: 'Rounds_NotFinal', args: [1n, finalAt] }))

  it('is told with its time, or as a round that is still open', () => {
    const open = notFinal(2n ** 256n - 1n)
    expect(open.message).to.equal('The last round that binds you in task 1 is still open.')
    expect(`${open.message} ${open.fix}`).to.not.match(/second|\d{5}/)
    expect(notFinal(1_767_225_600n).message).to.include(`is final at ${timeText(1_767_225_600n)}`)
    for (const { fix } of [open, notFinal(1_767_225_600n)]) expect(fix).to.match(/^Leave, or release a stake/)
  })

  it('does not ask a validator that may have left to leave, or to wait for a round that never comes', () => {
    const args = [3n, ADDRESS] as const
    const { fix } = decodeRevert(
      encodeErrorResult({ abi: errorsAbi, errorName: 'Rounds_StillDrawn', args: [...args] }),
    )
    expect(fix).to.include('unless you have').and.to.not.include('next round')
  })
})

describe('Bounds of a task that follow from several of its fields', () => {
  it('say from which', () => {
    const fixOf = (parameter: string) =>
      decodeRevert(
        encodeErrorResult({
          abi: errorsAbi,
          errorName: 'Tasks_OutOfBounds',
          args: [parameter, 60n, 1n, 7n],
        }),
      ).fix
    expect(fixOf('challengeSeconds')).to.equal(
      'Give challengeSeconds a value between 1 and 7 (at most seven submit phases, and at most four times submit, open, commit and reveal together).',
    )
    expect(fixOf('slots')).to.equal('Give slots a value between 1 and 7.')
  })
})

describe('Reverts that are no custom error', () => {
  const string = (text: string) =>
    encodeErrorResult({
      abi: [{ type: 'error', name: 'Error', inputs: [{ name: 'message', type: 'string' }] }],
      args: [text],
    })

  it('give their reason', () => {
    expect(decodeRevert(string('not today'))).to.include({ name: 'Error', kind: 'refused' })
    expect(decodeRevert(string('not today')).message).to.equal('The contract refused: not today.')
    expect(decodeRevert(string('no\u001b[2J\u202e')).message).to.equal(
      'The contract refused: no\\u{1b}[2J\\u{202e}.',
    )
    expect(decodeRevert(string('no'.repeat(500))).message).to.equal(
      `The contract refused: ${'no'.repeat(100)}….`,
    )
  })

  it('give their panic code', () => {
    const panic = encodeErrorResult({
      abi: [{ type: 'error', name: 'Panic', inputs: [{ name: 'code', type: 'uint256' }] }],
      args: [0x11n],
    })
    expect(decodeRevert(panic).message).to.include('panic 17')
  })

  it('are told apart when empty or unknown', () => {
    expect(decodeRevert('0x').name).to.equal('RevertedWithoutReason')
    const unknown = decodeRevert('0xdeadbeef')
    expect(unknown).to.include({ name: 'UnknownError', kind: 'refused' })
    expect(unknown.message).to.include('0xdeadbeef')
    expect(unknown.values).to.deep.equal({ data: '0xdeadbeef' })
  })
})

describe('Failures on the way to a contract', () => {
  const url = 'http://127.0.0.1:1'
  const rpc = (code: number, message: string, data?: unknown) =>
    new RpcRequestError({ body: {}, url, error: { code, message, ...(data === undefined ? {} : { data }) } })
  const revert = encodeErrorResult({ abi: errorsAbi, errorName: 'Rounds_SlotsFull', args: [3n, 16n] })

  it('are refusals when the revert data says so, wherever the node puts it', () => {
    for (const data of [revert, { data: revert, message: 'reverted' }]) {
      const failure = decodeFailure(rpc(3, 'execution reverted', data))
      expect(failure).to.include({ name: 'Rounds_SlotsFull', kind: 'refused' })
      expect(failure.values).to.deep.equal({ taskId: 3n, slots: 16n })
    }
    expect(decodeFailure(rpc(3, 'execution reverted', '0x')).name).to.equal('RevertedWithoutReason')
    expect(decodeFailure(rpc(3, 'execution reverted')).name).to.equal('RevertedWithoutReason')
  })

  it('are transient when the node is away, late, busy or confused', () => {
    const faults = [
      new HttpRequestError({ url, details: 'fetch failed' }),
      new HttpRequestError({ url, status: 429 }),
      new HttpRequestError({ url, status: 500 }),
      new HttpRequestError({ url, status: 503 }),
      new TimeoutError({ body: {}, url }),
      new InternalRpcError(rpc(-32603, 'try again')),
      rpc(-32005, 'rate limit exceeded'),
      new SyntaxError('Unexpected end of JSON input'),
      new TypeError('fetch failed'),
      Object.assign(new Error('connect'), { cause: new Error('ECONNREFUSED') }),
    ]
    for (const fault of faults) {
      const failure = decodeFailure(fault)
      expect(failure, fault.message).to.include({ name: 'NodeUnavailable', kind: 'transient' })
      expect(failure.message).to.not.include('\n')
    }
  })

  it('name the node by its host, and never what else stands in its address', () => {
    const secret = 'https://me:password@node.example:8443/v3/access-key'
    const away = decodeFailure(new HttpRequestError({ url: secret, details: 'fetch failed' }))
    expect(away.message).to.equal(
      'The node at https://node.example:8443 did not answer as it should: fetch failed.',
    )
    const refused = decodeFailure(new HttpRequestError({ url: secret, status: 401 }))
    expect(refused.message).to.equal('The node at https://node.example:8443 answered with HTTP status 401.')
  })

  it('are refusals when asking again would not help', () => {
    const cases: [Error, string][] = [
      [new UserRejectedRequestError(new Error('user rejected the request')), 'UserRejected'],
      [rpc(-32000, 'insufficient funds for gas * price + value'), 'InsufficientFunds'],
      [rpc(-32000, "sender doesn't have enough funds to send tx"), 'InsufficientFunds'],
      [rpc(-32000, 'nonce too low: next nonce 5, tx nonce 4'), 'NonceTooLow'],
      [rpc(-32000, 'already known'), 'AlreadyKnown'],
      [rpc(-32000, 'replacement transaction underpriced'), 'FeeTooLow'],
      [rpc(-32000, 'max fee per gas less than block base fee'), 'FeeTooLow'],
      [rpc(-32000, 'exceeds block gas limit'), 'GasLimitTooHigh'],
      [new HttpRequestError({ url, status: 401 }), 'NodeRefused'],
      [new HttpRequestError({ url, status: 404 }), 'NodeRefused'],
    ]
    for (const [fault, name] of cases)
      expect(decodeFailure(fault), name).to.include({ name, kind: 'refused' })
  })

  it('are what they are when nobody knows them', () => {
    for (const thrown of [new Error('odd'), 'odd', { message: 'odd' }, undefined, null]) {
      expect(decodeFailure(thrown)).to.include({ name: 'Unknown', kind: 'unknown' })
    }
    expect(decodeFailure(new Error('odd')).message).to.equal('It failed: odd.')
    expect(decodeFailure(new Error('odd \u001b[2Jwords')).message).to.equal('It failed: odd \\u{1b}[2Jwords.')
  })

  it('are told at once, however much a node says', () => {
    expect(decodeFailure(rpc(-32000, 'nonce '.repeat(2_000_000)))).to.include({ kind: 'unknown' })
  })

  it('are kept when they were decoded before', () => {
    const failure = decodeRevert(revert)
    const error = new AssayError(failure)
    expect(decodeFailure(error)).to.equal(failure)
    expect(error.message).to.equal(`${failure.message} ${failure.fix}`)
  })

  it('come through a viem client as they are', async () => {
    const refusing = createPublicClient({
      transport: custom(
        { request: () => Promise.reject(rpc(3, 'execution reverted', revert)) },
        { retryCount: 0 },
      ),
    })
    const absent = createPublicClient({ transport: http(url, { retryCount: 0, timeout: 2_000 }) })
    const failures = [refusing, absent].map(async (client) => {
      try {
        await client.call({ to: ADDRESS, data: '0x' })
      } catch (error) {
        return decodeFailure(error).name
      }
      return 'none'
    })
    expect(await Promise.all(failures)).to.deep.equal(['Rounds_SlotsFull', 'NodeUnavailable'])
  })
})
