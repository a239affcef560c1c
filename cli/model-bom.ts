/** A model's bill of materials in CycloneDX 1.6 (an ML-BOM): what it is made of, by hashes that anybody can check. */
import { inputText, targetText } from '@assay/engine/package/sample-text.ts'
import type { TaskSpec } from '@assay/engine/package/task-spec.ts'
import { ComponentType, HashAlgorithm } from '@cyclonedx/cyclonedx-library/Enums'
import {
  Bom,
  Component,
  HashDictionary,
  NamedLicense,
  Property,
  SpdxLicense,
} from '@cyclonedx/cyclonedx-library/Models'
import { JSON as BomJson } from '@cyclonedx/cyclonedx-library/Serialize'
import { isSupportedSpdxId } from '@cyclonedx/cyclonedx-library/SPDX'
import { Spec1dot6 } from '@cyclonedx/cyclonedx-library/Spec'
import { metricLines } from './model-card.ts'
import type { ModelFacts, Trainer } from './model-facts.ts'

/** The ML-BOM as JSON. The same facts give the same bytes: its time is when the model's round closed. */
export function modelBom(facts: ModelFacts): string {
  const bom = new Bom()
  bom.metadata.timestamp = new Date(facts.model.closedAt * 1000)
  const model = modelComponent(facts)
  bom.metadata.component = model
  const plain = new BomJson.Normalize.Factory(Spec1dot6).makeForBom().normalize(bom, { sortLists: true })
  // The library has no model cards yet: see the schema's definition "modelCard".
  const { metadata } = plain
  const component = { ...metadata?.component, modelCard: modelCard(facts) }
  const whole = { ...plain, metadata: { ...metadata, component } }
  return `${JSON.stringify(whole, null, 2)}\n`
}

function modelComponent(facts: ModelFacts): Component {
  const { spec, model, files, licence, chainId, rounds, taskId, specHash } = facts
  const component = new Component(ComponentType.MachineLearningModel, spec.name, {
    bomRef: `model-${model.hash}`,
    version: `round-${model.round}`,
    description: `Trained in task ${taskId} of Assay, checked and paid for on chain ${chainId}`,
    hashes: new HashDictionary([[HashAlgorithm['SHA-256'], model.hash.slice(2)]]),
  })
  if (licence !== undefined)
    component.licenses.add(isSupportedSpdxId(licence) ? new SpdxLicense(licence) : new NamedLicense(licence))
  const facets = { chainId, rounds, taskId, specHash, round: model.round, poolRoot: spec.pool.root }
  for (const [name, value] of Object.entries(facets))
    component.properties.add(new Property(`assay:${name}`, String(value)))
  for (const [name, hash] of files) {
    component.components.add(
      new Component(ComponentType.File, name, {
        bomRef: `file-${name}`,
        hashes: new HashDictionary([[HashAlgorithm['SHA-256'], hash.slice(2)]]),
      }),
    )
  }
  return component
}

function modelCard({ spec, metric, trainers, maxRounds }: ModelFacts) {
  return {
    modelParameters: {
      approach: { type: 'supervised' },
      task: taskOf(spec),
      datasets: trainers.map(datasetOf),
      inputs: spec.inputs.map((input) => ({ format: inputText(input) })),
      outputs: [{ format: targetText(spec.target) }],
    },
    ...(metric !== undefined && {
      quantitativeAnalysis: {
        performanceMetrics: metricLines(spec, metric).map(([type, value]) => ({ type, value })),
      },
    }),
    considerations: {
      technicalLimitations: [
        `Trained in at most ${maxRounds} rounds on samples that contributors kept to themselves.`,
      ],
    },
  }
}

/** What a model of the task does, in CycloneDX's words. */
function taskOf({ target }: TaskSpec): string {
  const names = {
    class: 'classification',
    values: 'regression',
    labels: 'multi-label classification',
    tokens: 'next-token prediction',
  }
  return names[target.kind]
}

function datasetOf({ contributor, dataRoot, dataUnits, rounds, usefulRounds }: Trainer) {
  const told = { dataRoot, samples: dataUnits, rounds, usefulRounds }
  const properties = Object.entries(told)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ({ name: `assay:${name}`, value: String(value) }))
  return { type: 'dataset', name: `samples of ${contributor}`, contents: { properties } }
}
