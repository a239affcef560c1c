// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Reputation} from "../libraries/Reputation.sol";
import {RewardFormula} from "../libraries/RewardFormula.sol";
import {Verdicts} from "../libraries/Verdicts.sol";
import {EarningsWord} from "../types/EarningsWord.sol";
import {HeldWord} from "../types/HeldWord.sol";
import {ParticipantWord} from "../types/ParticipantWord.sol";
import {RoundTermsWord} from "../types/RoundTermsWord.sol";
import {RoundWord} from "../types/RoundWord.sol";
import {HeldPay} from "./HeldPay.sol";

/// @title What a settled update is paid
/// @notice The formula for one update, and what a verdict makes of held pay.
abstract contract Payment is HeldPay {
    /// One call of `settle`: what its cohorts share, and the sums over them.
    /// @param taskId the task
    /// @param round the round, with the number of cohorts done so far
    /// @param phase the current one
    /// @param terms the task's round terms
    /// @param count submissions of the round
    /// @param width of the grid that submissions are permuted on
    /// @param height of the same grid
    /// @param key of the permutation that puts submissions into cohorts
    /// @param epoch number of the current epoch, to which earnings are credited
    /// @param record chain of the round's record
    /// @param inputs of the reward formula; those that are constant in the round are filled in
    /// @param credited reward wei credited to contributors
    /// @param held reward wei newly held
    /// @param unheld reward wei released or cancelled
    /// @param reputationUp Σ of the new reputations, in bps
    /// @param reputationDown Σ of the reputations that they replace, in bps
    /// @param sheets of the current cohort
    /// @param verdict on the current update
    struct Run {
        uint64 taskId;
        RoundWord round;
        Phase phase;
        RoundTermsWord terms;
        uint256 count;
        uint256 width;
        uint256 height;
        bytes32 key;
        uint256 epoch;
        uint224 record;
        RewardFormula.Inputs inputs;
        uint256 credited;
        uint256 held;
        uint256 unheld;
        uint256 reputationUp;
        uint256 reputationDown;
        Verdicts.Sheets sheets;
        Verdicts.Verdict verdict;
    }

    // ---- the formula

    /// @dev What withheld windows leave of the pay that an audit decides on, in bps.
    function _keptBps(Run memory run) internal pure returns (uint256) {
        return Reputation.keptBps(run.verdict.withheld, run.sheets.drawn);
    }

    /// @dev Evaluates the formula for one update, in reward wei. For an update that wasn't judged the verdict holds the
    /// running values.
    function _payOf(
        RewardFormula.Inputs memory inputs,
        uint256 quality,
        uint256 rarity,
        uint256 proven,
        ParticipantWord participant
    ) internal pure returns (uint256 computePay, uint256 dataPay) {
        inputs.provenBps = uint16(RewardFormula.provenFractionBps(proven));
        inputs.qualityBps = uint16(quality);
        inputs.dataUnits = participant.dataUnits();
        inputs.rarityBps = uint16(rarity);
        inputs.reputationBps = uint16(participant.reputation());
        return RewardFormula.contributorPay(inputs);
    }

    /// @dev The pay with the highest Q and R, and with all windows of one audit proven. As long as no update of a
    /// contributor was judged, there are no running values, and this is held.
    function _highestPay(
        Run memory run,
        ParticipantWord participant
    ) internal pure returns (uint256 computePay, uint256 dataPay) {
        return
            _payOf(
                run.inputs,
                RewardFormula.MAX_QUALITY_BPS,
                RewardFormula.MAX_RARITY_BPS,
                run.terms.windows(),
                participant
            );
    }

    // ---- held pay and credits

    /// @dev Decides on held pay after an update was judged; returns the contributor's new word and what is released, in
    /// reward wei. A failed audit cancels held pay, one with Q above 0 releases it. One with Q = 0, or that leaves the
    /// contributor flagged since the seats couldn't decide, leaves it held. The task's last round ends every hold: it
    /// releases what its windows show, also with Q = 0, unless the contributor is flagged.
    function _auditHeld(
        Run memory run,
        ParticipantWord participant,
        uint256 pay
    ) internal returns (ParticipantWord, uint256 released) {
        Verdicts.Verdict memory verdict = run.verdict;
        if (!participant.hasHeld() || verdict.outcome == Outcome.TaskFault) return (participant, 0);
        bool wasJudged = verdict.record.isJudged();
        HeldWord held = _held[run.taskId][verdict.contributor];
        uint256 amount = held.amount();
        if (verdict.outcome != Outcome.Failed) {
            // What clears a flag has cleared it by now.
            bool isFlagged = participant.isFlagged();
            if (wasJudged && !run.sheets.isLastRound && (verdict.quality == 0 || isFlagged)) return (participant, 0);
            if (!isFlagged) released = _shownPart(run, held, amount);
            if (!wasJudged) released = _atFirstPay(run, participant, released, pay);
        }
        _endHold(run.taskId, run.round.round(), verdict.contributor, amount, released);
        run.unheld += amount;
        return (participant.withHeld(false), released);
    }

    /// @dev What withheld windows leave of held pay, in reward wei. Those of a task's last round are of held rounds, too.
    function _shownPart(Run memory run, HeldWord held, uint256 amount) private pure returns (uint256) {
        Verdicts.Verdict memory verdict = run.verdict;
        if (verdict.withheld == 0) return amount;
        if (run.sheets.isLastRound) {
            return _provenPart(held, amount, run.sheets.drawn, verdict.asked, verdict.withheld);
        }
        // An amount has 80 bits.
        unchecked {
            return (amount * _keptBps(run)) / Reputation.BPS;
        }
    }

    /// @dev What the first judged update makes of pay that is held at the highest values: the share that its own pay
    /// bears to its highest pay.
    function _atFirstPay(
        Run memory run,
        ParticipantWord participant,
        uint256 amount,
        uint256 pay
    ) private pure returns (uint256) {
        (uint256 computePay, uint256 dataPay) = _highestPay(run, participant);
        // All pay that a task can hold is below 2⁸⁰.
        unchecked {
            uint256 highest = computePay + dataPay;
            return highest == 0 ? 0 : (amount * pay) / highest;
        }
    }

    /// @dev Credits an update's `pay`, and what its audit released of held pay. Open cases keep the latter.
    function _creditAudit(Run memory run, ParticipantWord participant, uint256 pay, uint256 released) internal {
        // The same bound as in {_credit}.
        unchecked {
            if (released == 0 || participant.cases() == 0) pay += released;
            else _credit(run, _seized[run.taskId], released);
        }
        _credit(run, _earnings[run.taskId], pay);
    }

    /// @dev Credits reward wei to the contributor of the verdict: as its earnings, or as those that cases keep from it.
    function _credit(
        Run memory run,
        mapping(address account => EarningsWord) storage earnings,
        uint256 amount
    ) private {
        if (amount == 0) return;

        address contributor = run.verdict.contributor;
        earnings[contributor] = earnings[contributor].credited(run.epoch, amount);
        // All that a task ever credits and holds is below 2⁸⁰.
        unchecked {
            run.credited += amount;
        }
    }
}
