// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsTypes} from "../interfaces/IRoundsTypes.sol";
import {RoundTermsWord} from "../types/RoundTermsWord.sol";
import {RoundWord, RoundWordLibrary} from "../types/RoundWord.sol";

/// @title The phase table
/// @notice The phase of a round, for every function of Rounds that belongs to one, and for {RoundsLens}. Twin:
/// `sdk/protocol/phases.ts`, which also lists what each phase allows, what is due in it, and what happens when nobody
/// acts.
///
///     status       phase          until
///     IDLE         Idle           a keeper opens the next round
///     SUBMIT       Submit         submitEnd
///                  CloseDue       a keeper closes submissions
///     SEALING      SealDue        the beacon is there and a keeper seals, or it expired
///     SCORING      Open           sealedAt + openSeconds
///                  Commit         + commitSeconds
///                  Reveal         + revealSeconds; cohorts with a majority can be settled from here on
///                  RedrawCommit   + commitSeconds
///                  RedrawReveal   + revealSeconds
///                  SettleDue      every cohort is settled or void
///     AGGREGATING  CohortVote     doneAt + aggregateSeconds; root seats may vote already
///                  RootVote       + aggregateSeconds
///                  FinalizeDue    a keeper ends the round; at once when every cohort is void
///     VOTED        FinalizeDue    a keeper ends the round: every root seat has voted before its time was up
library Phases {
    /// @notice Whether a round is in its Submit phase.
    /// @param round the round
    /// @param time unix seconds
    /// @return true if so
    function takesSubmissions(RoundWord round, uint256 time) internal pure returns (bool) {
        return round.status() == RoundWordLibrary.SUBMIT && time < round.submitEnd();
    }

    /// @notice The phase of a round before its seal.
    /// @param round the round
    /// @param time unix seconds
    /// @return Idle, Submit, CloseDue or SealDue
    function beforeSeal(RoundWord round, uint256 time) internal pure returns (IRoundsTypes.Phase) {
        uint256 status = round.status();
        if (status == RoundWordLibrary.IDLE) return IRoundsTypes.Phase.Idle;
        if (status == RoundWordLibrary.SEALING) return IRoundsTypes.Phase.SealDue;
        return takesSubmissions(round, time) ? IRoundsTypes.Phase.Submit : IRoundsTypes.Phase.CloseDue;
    }

    /// @notice The phase of a round after its seal.
    /// @param round the round
    /// @param terms of the task
    /// @param time unix seconds
    /// @return Open … FinalizeDue
    function sinceSeal(RoundWord round, RoundTermsWord terms, uint256 time) internal pure returns (IRoundsTypes.Phase) {
        uint256 status = round.status();
        if (status == RoundWordLibrary.SCORING) return _scoring(terms, round.sealedAt(), time);
        if (status == RoundWordLibrary.VOTED || isAllVoid(round)) return IRoundsTypes.Phase.FinalizeDue;

        uint256 cohortVoteEnd = round.doneAt() + terms.aggregateSeconds();
        if (time < cohortVoteEnd) return IRoundsTypes.Phase.CohortVote;
        return
            time < cohortVoteEnd + terms.aggregateSeconds()
                ? IRoundsTypes.Phase.RootVote
                : IRoundsTypes.Phase.FinalizeDue;
    }

    /// @dev The phase until every cohort is settled or void.
    function _scoring(RoundTermsWord terms, uint256 sealedAt, uint256 time) private pure returns (IRoundsTypes.Phase) {
        if (time < terms.openEnd(sealedAt)) return IRoundsTypes.Phase.Open;
        if (time < terms.commitEnd(sealedAt)) return IRoundsTypes.Phase.Commit;
        if (time < terms.revealEnd(sealedAt)) return IRoundsTypes.Phase.Reveal;
        if (time < terms.redrawCommitEnd(sealedAt)) return IRoundsTypes.Phase.RedrawCommit;
        if (time < terms.redrawRevealEnd(sealedAt)) return IRoundsTypes.Phase.RedrawReveal;
        return IRoundsTypes.Phase.SettleDue;
    }

    /// @notice Whether a phase lies between the seal and the votes.
    /// @param phase of a round
    /// @return true from Open to SettleDue
    function isScoring(IRoundsTypes.Phase phase) internal pure returns (bool) {
        return phase >= IRoundsTypes.Phase.Open && phase <= IRoundsTypes.Phase.SettleDue;
    }

    /// @notice Whether a round whose cohorts are all done has nothing to aggregate.
    /// @param round the round, in status AGGREGATING
    /// @return true if every cohort is void
    function isAllVoid(RoundWord round) internal pure returns (bool) {
        return round.cohortsVoid() == round.cohortsDone();
    }
}
