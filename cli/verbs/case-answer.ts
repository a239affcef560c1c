import { ASSAY, amountText } from '@assay/sdk/client/amounts.ts'
import { postOpening, postOpeningCall } from '@assay/sdk/verbs/court/post-opening.ts'
import { readCase } from '@assay/sdk/verbs/court/read-case.ts'
import { readCourtTerms } from '@assay/sdk/verbs/court/read-court-terms.ts'
import type { Command } from 'commander'
import { parseCaseId } from '../case-id.ts'
import { addVerb } from '../command.ts'
import { CliError } from '../failure.ts'
import { type OpeningSource, readOpeningFields } from '../opening-fields.ts'
import { type KeyOptions, withTransaction } from '../options.ts'
import { perform } from '../transaction.ts'

/** `assay case answer <case>` */
export function addAnswer(court: Command): void {
  const command = addVerb(court, {
    usage: 'answer <case>',
    summary: 'Post the fields that an opening was said to be withheld of, which ends the case.',
    details:
      "A running assay contribute does this by itself. The fields come from the data directory of a stopped contributor, or from JSON. Anyone who knows them can post them. The chain gets hashes and the number of steps, no samples. Part of the challenger's bond goes to the accused for the gas.",
    examples: [
      'assay case answer 3 --data-dir ./me --keystore me.json',
      'assay case answer 3 --fields opening.json --keystore me.json',
    ],
  })
  withTransaction(command)
    .option('--data-dir <folder>', 'folder of the contributor, which does not run now')
    .option('--fields <file>', 'JSON with baseModelHash, updateHash, stateRoot, steps, dataRoot and salt')
    .action(answer)
}

async function answer(text: string, options: KeyOptions & OpeningSource): Promise<void> {
  const caseId = parseCaseId(text)
  await perform(options, async (reader) => {
    const { facts } = await readCase(reader, { caseId })
    if (facts.kind !== 'openingWithheld') {
      throw new CliError(
        'failed',
        `Case ${caseId} isn't about a withheld opening: its jurors decide it.`,
        `See what is due in it: assay case show ${caseId}`,
      )
    }
    const fields = await readOpeningFields(options, facts, reader)
    const { answerRefund } = await readCourtTerms(reader)
    const parameters = { caseId, facts, fields }
    return {
      title: `Post what the commitment of ${facts.defendant} hides, of round ${facts.round} in task ${facts.taskId}`,
      moves: [
        {
          amount: `at most ${amountText(answerRefund, ASSAY)}`,
          from: "the challenger's bond",
          to: `${facts.defendant}, who withdraws it with assay case withdraw`,
        },
      ],
      calls: [postOpeningCall(reader.deployment, parameters)],
      send: (client) => postOpening(client, parameters),
      done: () => ({
        data: { caseId, ...fields },
        text: `Case ${caseId} is answered: nothing of ${facts.defendant} is kept for it any more.`,
      }),
    }
  })
}
