// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsAnyone} from "../interfaces/IRoundsAnyone.sol";
import {Phases} from "../libraries/Phases.sol";
import {Reputation} from "../libraries/Reputation.sol";
import {RoundRecords} from "../libraries/RoundRecords.sol";
import {RewardFormula} from "../libraries/RewardFormula.sol";
import {Sampling} from "../libraries/Sampling.sol";
import {Verdicts} from "../libraries/Verdicts.sol";
import {CohortWord, CohortWordLibrary} from "../types/CohortWord.sol";
import {ParticipantWord} from "../types/ParticipantWord.sol";
import {PayTermsWord} from "../types/PayTermsWord.sol";
import {RecordWord} from "../types/RecordWord.sol";
import {ResultWord, ResultWordLibrary} from "../types/ResultWord.sol";
import {RoundTermsWord} from "../types/RoundTermsWord.sol";
import {RoundWord} from "../types/RoundWord.sol";
import {TaskTotalsWord} from "../types/TaskTotalsWord.sol";
import {Payment} from "./Payment.sol";
import {StorageKeys} from "./StorageKeys.sol";

/// @title From revealed scores to reputation and earnings
/// @notice Cohorts are settled one by one, in any order: what the members of one get does not depend on the others.
abstract contract Settlement is Payment, IRoundsAnyone {
    using Verdicts for Verdicts.Sheets;

    // ---- settling

    /// @inheritdoc IRoundsAnyone
    function settle(uint64 taskId, uint32[] calldata cohorts, address[] calldata contributors) external {
        Run memory run = _newRun(taskId);
        uint256 done = run.round.cohortsDone();
        uint256 offset = 0;
        for (uint256 i = 0; i < cohorts.length; ++i) {
            (uint256 start, uint256 size) = _boundsOf(run, cohorts[i]);
            if (offset + size > contributors.length) {
                revert Rounds_LengthMismatch(offset + size, contributors.length);
            }
            CohortWord word = _cohorts[taskId][cohorts[i]];
            if (word.round() != run.round.round() || word.state() == CohortWordLibrary.OPEN) {
                _settleCohort(run, cohorts[i], word, start, contributors[offset:offset + size]);
                ++done;
            }
            offset += size;
        }
        if (offset != contributors.length) revert Rounds_LengthMismatch(offset, contributors.length);

        _rounds[taskId] = _withDone(run.round.withCohorts(done, run.round.cohortsVoid()));
        _storeSums(run);
    }

    /// @dev Reads what all cohorts of the call share.
    function _newRun(uint64 taskId) private view returns (Run memory run) {
        RoundWord round = _rounds[taskId];
        RoundTermsWord terms = _roundTerms[taskId];
        PayTermsWord payTerms = _payTerms[taskId];

        run.taskId = taskId;
        run.round = round;
        run.phase = _phaseOf(taskId, round);
        if (!Phases.isScoring(run.phase)) _wrongPhase(taskId, run.phase, Phase.SettleDue);
        run.terms = terms;
        run.count = round.submissions();
        (run.width, run.height) = Sampling.gridOf(run.count);
        (run.sheets.seatCount, run.sheets.drawn) = (terms.committeeSize(), terms.windows());
        run.sheets.beacon = _beaconOf(taskId, round);
        run.sheets.isLastRound = round.round() >= _validationTerms[taskId].maxRounds();
        run.key = Sampling.cohortsKey(run.sheets.beacon);
        run.epoch = _epochOf(terms);
        run.record = _records[taskId][StorageKeys.record(round.round())].chain();
        run.inputs.priceCompute = payTerms.priceCompute();
        run.inputs.computeUnits = payTerms.computeUnits();
        run.inputs.priceData = payTerms.priceData();
        run.inputs.earlyBonusBps = uint16(
            RewardFormula.earlyBonusBps(payTerms.earlyBonusBps(), payTerms.earlyBonusRounds(), round.round())
        );
    }

    /// @dev First position and size of a cohort. Reverts if there is no such cohort.
    function _boundsOf(Run memory run, uint32 cohort) private pure returns (uint256 start, uint256 size) {
        uint256 cohorts = Sampling.cohortCount(run.count);
        if (cohort >= cohorts) revert Rounds_UnknownCohort(cohort, cohorts);
        return Sampling.cohortBounds(run.count, cohort);
    }

    /// @dev Stores the round's record, and adds the sums of the call to the task's totals, in one write each.
    function _storeSums(Run memory run) private {
        mapping(uint256 key => RecordWord) storage records = _records[run.taskId];
        uint256 key = StorageKeys.record(run.round.round());
        records[key] = records[key].withChain(run.record);
        TaskTotalsWord totals = _totals[run.taskId];
        uint256 reputationSum = totals.reputationSum() + run.reputationUp - run.reputationDown;
        totals = totals.withPeople(totals.enrolled(), reputationSum);
        _totals[run.taskId] = totals.withMoney(totals.credited() + run.credited, totals.held() + run.held - run.unheld);
    }

    // ---- a cohort

    /// @dev Judges and pays the members of a cohort and counts the duties of its seats.
    function _settleCohort(
        Run memory run,
        uint32 cohort,
        CohortWord word,
        uint256 start,
        address[] calldata members
    ) private {
        _requireSettleable(run, cohort, word);
        _loadSheets(run.sheets, run.taskId, cohort, word);

        ResultWord[] memory results = new ResultWord[](members.length);
        uint256 agreements = 0;
        mapping(address contributor => ParticipantWord) storage participants = _participants[run.taskId];
        // A lane counts to 16 members at most; `results` is as long as `members`.
        unchecked {
            for (uint256 j = 0; j < members.length; ++j) {
                address contributor = members[j];
                ParticipantWord participant = participants[contributor];
                _requireMember(run, cohort, start + j, contributor, participant);
                (run.verdict.contributor, run.verdict.record) = (contributor, participant);
                run.sheets.judge(j, run.verdict);
                (participants[contributor], results[j]) = _record(run, participant);
                agreements += run.verdict.agreeing;
            }
        }

        _tallySeats(run, word, agreements);
        _cohorts[run.taskId][cohort] = word.withState(CohortWordLibrary.SETTLED);
        run.record = RoundRecords.settled(run.record, cohort, RoundRecords.resultsHash(results));

        _emitSettled(run.taskId, run.round.round(), cohort, results);
    }

    /// @dev Emits `CohortSettled`. Memory holds the results as the event has them: one copy is shorter and cheaper than
    /// encoding them word by word. The topics are whole words here: shorter types may have any bits above.
    function _emitSettled(uint256 taskId, uint256 round, uint256 cohort, ResultWord[] memory results) private {
        bytes32 topic = CohortSettled.selector;
        assembly ("memory-safe") {
            let data := mload(0x40)
            let size := mul(add(mload(results), 1), 0x20)
            mstore(data, 0x20)
            mcopy(add(data, 0x20), results, size)
            log4(data, add(size, 0x20), topic, taskId, round, cohort)
        }
    }

    /// @dev Loads the sheets of a cohort's revealed seats.
    function _loadSheets(Verdicts.Sheets memory sheets, uint64 taskId, uint32 cohort, CohortWord word) private view {
        mapping(uint256 key => uint256) storage scores = _scores[taskId];
        sheets.clear();
        uint256 seatCount = sheets.seatCount;
        for (uint256 seat = 0; seat < seatCount; ++seat) {
            if (!word.hasActed(seat)) continue;
            uint256 key = StorageKeys.score(cohort, seat);
            sheets.add(seat, scores[key], scores[key + 1]);
        }
        sheets.turn();
    }

    /// @dev Requires that the reveals of the cohort's attempt are over and that more than half of its seats revealed.
    function _requireSettleable(Run memory run, uint32 cohort, CohortWord word) private pure {
        bool isDrawn = word.round() == run.round.round();
        Phase earliest = isDrawn && word.attempt() == 1 ? Phase.SettleDue : Phase.RedrawCommit;
        if (run.phase < earliest) _wrongPhase(run.taskId, run.phase, Phase.SettleDue);

        uint256 revealed = isDrawn ? word.acted() : 0;
        uint256 seatCount = run.terms.committeeSize();
        if (2 * revealed <= seatCount) revert Rounds_NoMajority(cohort, revealed, seatCount / 2 + 1);
    }

    /// @dev Requires that the permutation puts this contributor at this position, and that it is not settled yet.
    function _requireMember(
        Run memory run,
        uint32 cohort,
        uint256 position,
        address contributor,
        ParticipantWord participant
    ) private pure {
        uint256 index = Sampling.permuteOn(position, run.count, run.width, run.height, run.key);
        uint256 round = run.round.round();
        if (participant.index() != index || participant.lastRound() != round || participant.settledRound() == round) {
            (uint256 start, ) = _boundsOf(run, cohort);
            revert Rounds_WrongContributor(cohort, position - start, contributor);
        }
    }

    /// @dev Counts a duty of every seat, and the accurate entries of those that revealed. `agreements` has these
    /// numbers, one lane for each seat that revealed.
    function _tallySeats(Run memory run, CohortWord word, uint256 agreements) private {
        uint256 seatCount = run.terms.committeeSize();
        for (uint256 seat = 0; seat < seatCount; ++seat) {
            uint256 accurate = Verdicts.countAt(agreements, seat);
            _tally(run.taskId, run.round, word.memberAt(seat), word.hasActed(seat), accurate);
        }
    }

    // ---- one update

    /// @dev Applies the verdict to the contributor; returns its new word and the result for the event.
    function _record(Run memory run, ParticipantWord participant) private returns (ParticipantWord, ResultWord result) {
        Verdicts.Verdict memory verdict = run.verdict;
        participant = _withVerdict(run, verdict, participant);
        bool isUnknown = verdict.outcome == Outcome.Unaudited && !participant.isJudged();
        (uint256 computePay, uint256 dataPay) = isUnknown
            ? _highestPay(run, participant)
            : _payOf(run.inputs, verdict.quality, verdict.rarity, participant.provenWindows(), participant);
        // By type both have at most 192 bits. All that a task ever credits and holds is below 2⁸⁰.
        unchecked {
            uint256 pay = computePay + dataPay;
            if (verdict.outcome == Outcome.Unaudited) {
                participant = _hold(run.taskId, run.round.round(), verdict.contributor, participant, pay);
                run.held += pay;
            } else {
                uint256 released;
                (participant, released) = _auditHeld(run, participant, pay);
                if (verdict.withheld != 0) computePay = (computePay * _keptBps(run)) / Reputation.BPS;
                _creditAudit(run, participant, computePay + dataPay, released);
            }
        }

        result = ResultWordLibrary.ofRecord(
            uint256(verdict.outcome),
            participant.provenWindows(),
            participant.reputation()
        );
        return (participant, result.withUpdate(verdict.quality, verdict.rarity, computePay, dataPay));
    }

    /// @dev The contributor's record after the verdict. For an update that is unaudited, or that couldn't be judged by
    /// the task's fault, the running values stand in for Q and R. The first counts as one more settled round; nothing
    /// of the record changes by the task's fault.
    function _withVerdict(
        Run memory run,
        Verdicts.Verdict memory verdict,
        ParticipantWord participant
    ) private pure returns (ParticipantWord) {
        uint256 quality = participant.runningQuality();
        uint256 rarity = participant.runningRarity();
        uint256 reputation = participant.reputation();
        if (verdict.outcome == Outcome.Unaudited) participant = participant.withSettled(run.round.round());
        if (verdict.outcome == Outcome.Unaudited || verdict.outcome == Outcome.TaskFault) {
            (verdict.quality, verdict.rarity) = (quality, rarity);
            return participant;
        }

        bool isJudged = participant.isJudged();
        uint256 next = Reputation.next(reputation, verdict.quality);
        // A reputation has 16 bits, and a call settles at most 2,048 of them.
        unchecked {
            run.reputationUp += next;
            run.reputationDown += reputation;
        }
        quality = Reputation.runningNext(quality, verdict.quality, isJudged);
        rarity = Reputation.runningNext(rarity, verdict.rarity, isJudged);
        bool hasFailed = verdict.outcome == Outcome.Failed;
        participant = participant.withRecord(quality, rarity, next, _provenNext(run, participant));
        participant = participant.withSettled(run.round.round());
        return
            hasFailed || (verdict.quality != 0 && !verdict.isUndecided) ? participant.withFlag(hasFailed) : participant;
    }

    /// @dev Proven windows after an audit; none after a failed one.
    function _provenNext(Run memory run, ParticipantWord participant) private pure returns (uint256) {
        Verdicts.Verdict memory verdict = run.verdict;
        if (verdict.outcome == Outcome.Failed) return 0;
        // At most six of six.
        unchecked {
            uint256 lost = verdict.withheld * run.sheets.drawn;
            return Reputation.provenNext(participant.provenWindows(), verdict.windows, lost);
        }
    }
}
