import { readCase } from '@assay/sdk/verbs/court/read-case.ts'
import { readCases } from '@assay/sdk/verbs/court/read-cases.ts'
import { readTask } from '@assay/sdk/verbs/tasks/read-task.ts'
import type { Command } from 'commander'
import { print } from '../answer.ts'
import { parseCaseId } from '../case-id.ts'
import { caseText, stagesOf } from '../case-text.ts'
import { addVerb, group } from '../command.ts'
import { parseTaskId } from '../format.ts'
import { type ChainOptions, readerOf, withChain } from '../options.ts'
import { addAdd } from './case-add.ts'
import { addAnswer } from './case-answer.ts'
import { addAppeal, addConclude, addDraw, addExecute, addWithdrawOwed } from './case-end.ts'
import { addOpenCase } from './case-open.ts'
import { addKeys } from './case-open-step.ts'
import { addAnnul, addPoll, addSuspend } from './case-poll.ts'
import { addSettle, addVote } from './case-vote.ts'

/** `assay case list|show|open|add|keys|vote|settle|answer|draw|appeal|conclude|poll|annul|execute|withdraw` */
export function addCase(program: Command): void {
  const court = group(program, {
    usage: 'case',
    summary: 'Accuse, answer, vote, appeal, and have verdicts carried out at the court.',
    examples: ['assay case list 1', 'assay case open --help'],
  })
  addList(court)
  addShow(court)
  addOpenCase(court)
  addAdd(court)
  addKeys(court)
  addVote(court)
  addSettle(court)
  addAnswer(court)
  addDraw(court)
  addAppeal(court)
  addConclude(court)
  addSuspend(court)
  addPoll(court)
  addAnnul(court)
  addExecute(court)
  addWithdrawOwed(court)
}

function addList(court: Command): void {
  const command = addVerb(court, {
    usage: 'list [task]',
    summary: 'Show all cases, or those of one task, and what is due in each.',
    examples: ['assay case list', 'assay case list 1 --json'],
  })
  withChain(command).action(async (task: string | undefined, options: ChainOptions) => {
    const of: { taskId?: bigint } = task === undefined ? {} : { taskId: parseTaskId(task) }
    const reader = await readerOf(options)
    // Refuses a task that doesn't exist: it is no task without cases.
    if (of.taskId !== undefined) await readTask(reader, { taskId: of.taskId })
    const cases = await stagesOf(reader, await readCases(reader, of))
    const where =
      task === undefined ? 'The court has had no case yet.' : `There is no case about task ${task}.`
    const text = cases.length === 0 ? where : cases.map(caseText).join('\n')
    print({ data: { cases: cases.map(({ now, ...one }) => ({ ...one, time: now })) }, text }, options.json)
  })
}

function addShow(court: Command): void {
  const command = addVerb(court, {
    usage: 'show <case>',
    summary: 'Show what a case is about, what is at stake in it, and what is due.',
    examples: ['assay case show 3'],
  })
  withChain(command).action(async (text: string, options: ChainOptions) => {
    const reader = await readerOf(options)
    const [one] = await stagesOf(reader, [await readCase(reader, { caseId: parseCaseId(text) })])
    const { now: time, ...rest } = one!
    print({ data: { ...rest, time }, text: caseText(one!) }, options.json)
  })
}
