import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { allowCalls } from '@assay/sdk/verbs/assay-token/allow.ts'
import { appeal, appealCall, readAppealBond } from '@assay/sdk/verbs/court/appeal.ts'
import { conclude, concludeCall } from '@assay/sdk/verbs/court/conclude.ts'
import { drawPanel, drawPanelCall } from '@assay/sdk/verbs/court/draw-panel.ts'
import { execute, executeCall } from '@assay/sdk/verbs/court/execute.ts'
import { executeFor, executeForCall } from '@assay/sdk/verbs/court/execute-for.ts'
import { readCase } from '@assay/sdk/verbs/court/read-case.ts'
import { readOwed } from '@assay/sdk/verbs/court/read-owed.ts'
import { withdrawOwed, withdrawOwedCall } from '@assay/sdk/verbs/court/withdraw-owed.ts'
import type { Command } from 'commander'
import type { Address } from 'viem'
import { BOND_GAS_AT_MOST, requireAccepted } from '../bond.ts'
import { parseCaseId } from '../case-id.ts'
import { accusationText, caseText, stagesOf, verdictText } from '../case-text.ts'
import { addVerb } from '../command.ts'
import { CliError } from '../failure.ts'
import { deadlineText, parseAddress } from '../format.ts'
import { addressOf, type KeyOptions, type SenderOptions, senderOf, withTransaction } from '../options.ts'
import { chainSeconds } from '../time.ts'
import { rewardTokenOf } from '../token.ts'
import { perform } from '../transaction.ts'

/** `assay case appeal <case>` */
export function addAppeal(court: Command): void {
  const command = addVerb(court, {
    usage: 'appeal <case>',
    summary: 'Have a larger panel of jurors decide again, with a bond. Anyone can.',
    details:
      'Until the appeal time after a panel ended. The bond comes back if the final verdict is not the one that you appealed against, or if the last panel does not report the value that you appealed against. Cases about withheld openings have no panel, and no appeal: posting the fields in time ends them. With --unsigned the court has to be approved for the bond; --account says by whom.',
    examples: ['assay case appeal 3 --keystore me.json'],
  })
  withTransaction(command)
    .option('--account <address>', 'with --unsigned: who will send the calls', parseAddress)
    .action(async (text: string, options: SenderOptions) => {
      const caseId = parseCaseId(text)
      const sender = await senderOf(options)
      await perform(options, (reader) => planAppeal(reader, caseId, sender))
    })
}

async function planAppeal(reader: AssayReader, caseId: bigint, sender: Address | undefined) {
  const { facts, state } = await readCase(reader, { caseId })
  const bond = await readAppealBond(reader, { facts, instance: state.instance })
  const { assayToken: token, court: spender } = reader.deployment.contracts
  const call = appealCall(reader.deployment, { caseId, facts })
  const approval = { token, spender, amount: bond }
  const approvals = sender === undefined ? [] : await allowCalls(reader, { ...approval, owner: sender })
  await requireAccepted(reader, call, sender)
  const said = amountText(bond, ASSAY, 'exact')
  return {
    title: `Appeal in case ${caseId}, in which ${accusationText({ facts })}`,
    moves: [{ amount: said, from: 'your wallet', to: 'the court, as your bond' }],
    notes: [
      'The bond comes back if the final verdict is another one, or the value that it rests on; else jurors are paid from it',
    ],
    spends: { token, unit: ASSAY, amount: bond },
    calls: [...approvals, call],
    ...(approvals.length > 0 && { gasAtMost: BOND_GAS_AT_MOST }),
    send: (client: Parameters<typeof appeal>[0]) => appeal(client, { caseId, facts, bond }),
    done: () => ({
      data: { caseId, bond, instance: state.instance + 1 },
      text: `A larger panel decides case ${caseId} again: assay case show ${caseId}`,
    }),
  }
}

/** `assay case draw <case>` */
export function addDraw(court: Command): void {
  const command = addVerb(court, {
    usage: 'draw <case>',
    summary: 'Draw the panel of jurors that a case waits for. Anyone can.',
    details:
      'A few blocks after the case or the appeal. With fewer than three jurors the panel ends empty, which acquits.',
    examples: ['assay case draw 3 --keystore me.json'],
  })
  withTransaction(command).action(async (text: string, options: KeyOptions) => {
    const caseId = parseCaseId(text)
    await perform(options, async (reader) => {
      const { panel } = (await readCase(reader, { caseId })).state
      if (panel === undefined) {
        const fix = `See what is due in it: assay case show ${caseId}`
        throw new CliError('failed', `Case ${caseId} has no panel: a deadline decides it.`, fix)
      }
      const panelId = panel.id
      return {
        title: `Draw the panel of case ${caseId}`,
        moves: [],
        calls: [drawPanelCall(reader.deployment, { panelId })],
        send: (client) => drawPanel(client, { panelId }),
        done: async (_, client) => {
          const { status, endsAt } = (await readCase(client, { caseId })).state.panel ?? panel
          const text =
            status === 'empty' ? 'Too few jurors can sit: the panel is empty.' : `Panel: ${status}.`
          return { data: { caseId, panelId, status, endsAt }, text }
        },
      }
    })
  })
}

/** `assay case conclude <case>` */
export function addConclude(court: Command): void {
  const command = addVerb(court, {
    usage: 'conclude <case>',
    summary: 'Have the verdict of a case noted, once nobody can answer or appeal any more. Anyone can.',
    examples: ['assay case conclude 3 --keystore me.json'],
  })
  withTransaction(command).action(async (text: string, options: KeyOptions) => {
    const caseId = parseCaseId(text)
    await perform(options, async (reader) => {
      const { facts } = await readCase(reader, { caseId })
      return {
        title: `Have the verdict of case ${caseId} noted, in which ${accusationText({ facts })}`,
        moves: [],
        calls: [concludeCall(reader.deployment, { caseId, facts })],
        send: (client) => conclude(client, { caseId, facts }),
        done: async ({ verdict, readyAt }, client) => {
          const due =
            verdict === 'guilty'
              ? ` The penalty can be taken from ${deadlineText(readyAt, await chainSeconds(client))}: assay case execute ${caseId}`
              : ''
          return {
            data: { caseId, verdict, readyAt },
            text: `Verdict: ${verdictText(facts.kind, verdict)}.${due}`,
          }
        },
      }
    })
  })
}

/** `assay case execute <case>` */
export function addExecute(court: Command): void {
  const command = addVerb(court, {
    usage: 'execute <case>',
    summary: 'Have the verdict guilty carried out: the penalty is taken, bonds are settled. Anyone can.',
    details:
      'With --defendant, once the case is closed: the same for somebody who was accused of the same vote later; of a case that ended otherwise it gives back what it keeps.',
    examples: [
      'assay case execute 3 --keystore me.json',
      'assay case execute 3 --defendant 0x… --keystore me.json',
    ],
  })
  withTransaction(command)
    .option('--defendant <account>', 'who was added to the case', parseAddress)
    .action(async (text: string, { defendant, ...options }: KeyOptions & { defendant?: Address }) => {
      const caseId = parseCaseId(text)
      if (defendant === undefined) await executeCase(caseId, options)
      else await executeCaseFor(caseId, defendant, options)
    })
}

async function executeCaseFor(caseId: bigint, defendant: Address, options: KeyOptions): Promise<void> {
  await perform(options, async (reader) => {
    const found = await readCase(reader, { caseId })
    const { facts } = found
    const [at] = await stagesOf(reader, [found])
    const parameters = { caseId, facts, defendant }
    return {
      title: `Carry out the verdict of case ${caseId} for ${defendant}`,
      moves: [],
      notes: [caseText(at!)],
      calls: [executeForCall(reader.deployment, parameters)],
      send: (client) => executeFor(client, parameters),
      done: async (punished) => ({
        data: { caseId, defendant, ...punished },
        text:
          punished === undefined
            ? `${defendant} loses nothing: the case did not end guilty, and keeps none of its pay any more.`
            : `${defendant} lost ${await lossText(reader, facts.taskId, punished)}.`,
      }),
    }
  })
}

async function lossText(
  reader: AssayReader,
  taskId: bigint,
  { taken, forfeited }: { taken: bigint; forfeited: bigint },
): Promise<string> {
  const token = await rewardTokenOf(reader, taskId)
  return `${amountText(taken, ASSAY)} of stake and ${amountText(forfeited, token)} of pay`
}

async function executeCase(caseId: bigint, options: KeyOptions): Promise<void> {
  await perform(options, async (reader) => {
    const found = await readCase(reader, { caseId })
    const { facts } = found
    const [at] = await stagesOf(reader, [found])
    return {
      title: `Carry out the verdict of case ${caseId}`,
      moves: [],
      notes: [caseText(at!)],
      calls: [executeCall(reader.deployment, { caseId, facts })],
      send: (client) => execute(client, { caseId, facts }),
      done: async ({ taken, forfeited, reward, penalty }) => {
        const lost = await lossText(reader, facts.taskId, { taken, forfeited })
        return {
          data: { caseId, penalty, taken, forfeited, reward },
          text: `${facts.defendant} lost ${lost}. The court owes ${facts.challenger} its bond and ${amountText(reward, ASSAY)}.`,
        }
      },
    }
  })
}

/** `assay case withdraw` */
export function addWithdrawOwed(court: Command): void {
  const command = addVerb(court, {
    usage: 'withdraw',
    summary: 'Pay out what the court owes: bonds that came back, rewards, fees.',
    details: 'Anyone may call this; the money goes to its owner.',
    examples: [
      'assay case withdraw --keystore me.json',
      'assay case withdraw --account 0x… --keystore me.json',
    ],
  })
  withTransaction(command)
    .option('--account <address>', 'whom the court owes it (default: you)', parseAddress)
    .action(async (options: KeyOptions & { account?: Address }) => {
      const account = options.account ?? (await addressOf(options))
      await perform(options, async (reader) => {
        const owed = await readOwed(reader, { account })
        if (owed === 0n) {
          const fix = 'Wait until a case of this account is closed: assay case list.'
          throw new CliError('failed', `The court owes ${account} nothing.`, fix)
        }
        const said = amountText(owed, ASSAY, 'exact')
        return {
          title: `Withdraw ${said} from the court`,
          moves: [{ amount: said, from: 'the court', to: account }],
          calls: [withdrawOwedCall(reader.deployment, { account })],
          send: (client) => withdrawOwed(client, { account }),
          done: ({ amount }) => ({
            data: { account, withdrawn: amount },
            text: `${amountText(amount, ASSAY)} went to ${account}.`,
          }),
        }
      })
    })
}
