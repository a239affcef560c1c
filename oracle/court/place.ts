import type { Block } from '@assay/daemon/clock.ts'
import { recall, remember } from '@assay/daemon/database.ts'
import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import { decodeFailure } from '@assay/sdk/client/errors.ts'
import type { Call } from '@assay/sdk/client/send.ts'
import { joinJuryCall } from '@assay/sdk/verbs/court/join-jury.ts'
import { leaveJuryCall } from '@assay/sdk/verbs/court/leave-jury.ts'
import { type JurorPlace, readJuror, readJurorKeys } from '@assay/sdk/verbs/court/read-juror.ts'
import { releaseJurorCall } from '@assay/sdk/verbs/court/release-juror.ts'
import { readStake } from '@assay/sdk/verbs/stake-registry/read-stake.ts'
import { toHex } from 'viem'
import { courtTerms } from '../docket.ts'
import { note } from '../note.ts'
import type { OracleContext } from '../oracle-context.ts'

/** Blocks between two looks at a place, and at whether there is one: both change slowly. */
const SEATED_BLOCKS = 10n
const WAITING_BLOCKS = 3n
/** Set once this account had a place: who left, or was outbid, doesn't come back by itself. */
const SEATED = 'jury-seated'

/**
 * Joins the jury once if this account's free stake covers it, and leaves it if the config asks for no stake. Says what is reserved,
 * and why.
 *
 * @returns whether this account sits in the jury, or did and can still be drawn
 */
export async function keepPlace(context: OracleContext, { number, reorganised }: Block): Promise<boolean> {
  const { place } = context.docket
  const blocks = place?.isJuror ? SEATED_BLOCKS : WAITING_BLOCKS
  if (place !== undefined && !reorganised && number < place.at + blocks) return place.isJuror
  const isJuror = await lookAtPlace(context, number)
  context.docket.place = { at: number, isJuror }
  return isJuror
}

async function lookAtPlace(context: OracleContext, blockNumber: bigint): Promise<boolean> {
  const { reader, account, config, db } = context
  const seat = await readJuror(reader, { account: account.address, blockNumber })
  if (seat === undefined) {
    if (config.jurorStakeWei !== 0n && recall(db, SEATED) === undefined) await join(context, blockNumber)
    return false
  }
  remember(db, SEATED, '1')
  await sayPlace(context, seat, blockNumber)
  if (config.jurorStakeWei === 0n && seat.until === undefined) await leave(context)
  else if (seat.until !== undefined) await release(context, blockNumber)
  return true
}

async function join(context: OracleContext, blockNumber: bigint): Promise<void> {
  const { reader, account, config, keys, told, log } = context
  const { jurorMinStake } = await courtTerms(context)
  const amount = config.jurorStakeWei ?? jurorMinStake
  const { free } = await readStake(reader, { account: account.address, blockNumber })
  if (free < amount) {
    const [needs, has] = [amount, free].map((wei) => amountText(wei, ASSAY))
    if (told.isNews('jury stake', `${needs} ${has}`))
      log.info({ needs, free: has }, 'not joining the jury: the free stake does not cover it')
    return
  }
  const encryptionKey = toHex(await keys.encryptionKey())
  const reserved = amountText(amount, ASSAY)
  if (await post(context, 'jury/join', joinJuryCall(reader.deployment, { amount, encryptionKey })))
    log.warn(
      { reserved },
      'joining the jury of the court: this stake answers for votes in panels and earns fees; --juror-stake 0 leaves',
    )
}

async function sayPlace(context: OracleContext, seat: JurorPlace, blockNumber: bigint): Promise<void> {
  const { reader, account, keys, told, log } = context
  if (!told.isNews('jury place', `${seat.place} ${seat.until}`)) return
  log.info(
    { place: seat.place, weight: seat.weight, from: seat.from, until: seat.until },
    'place in the jury',
  )
  const own = toHex(await keys.encryptionKey())
  const joinedWith = (await readJurorKeys(reader, { blockNumber })).get(account.address.toLowerCase())
  if (joinedWith !== undefined && joinedWith !== own)
    log.error(
      {},
      'this account joined the jury with another encryption key: it can read no evidence. Start it with the key seed that it joined with, or leave the jury: --juror-stake 0',
    )
}

async function leave(context: OracleContext): Promise<void> {
  if (await post(context, 'jury/leave', leaveJuryCall(context.reader.deployment)))
    context.log.warn({}, 'leaving the jury: it still answers for panels that it can be drawn for')
}

/** Takes the stake back once no case can need this juror. */
async function release(context: OracleContext, blockNumber: bigint): Promise<void> {
  const { reader, account, told, log } = context
  const call = releaseJurorCall(reader.deployment, { juror: account.address })
  try {
    await reader.chain.call({ account: account.address, to: call.to, data: call.data, blockNumber })
  } catch (error) {
    const failure = decodeFailure(error)
    if (failure.kind === 'transient' && failure.name !== 'Jury_StillBound') throw error
    if (told.isNews('jury release', failure.name))
      log.info({ reason: failure.message }, 'the stake of a juror that left stays reserved')
    return
  }
  if (await post(context, 'jury/release', call)) log.info({}, 'released the stake of a juror')
}

async function post(context: OracleContext, duty: string, call: Call): Promise<boolean> {
  const { outbox, config } = context
  const result = await outbox.post({ taskId: config.taskId, round: 0, duty, call })
  note(context, 0, duty, result)
  return result.status === 'sent'
}
