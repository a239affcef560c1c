// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRoundsTypes} from "../../contracts/interfaces/IRoundsTypes.sol";
import {Phases} from "../../contracts/libraries/Phases.sol";
import {RoundTermsWord} from "../../contracts/types/RoundTermsWord.sol";
import {RoundWord, RoundWordLibrary} from "../../contracts/types/RoundWord.sol";

/// @notice Before the seal a round's phase never goes back as time goes on, and submissions are taken in Submit alone.
contract PhasesBeforeTheSealOnlyGoForward {
    function prove(RoundWord round, uint40 time, uint40 later) external pure {
        require(time <= later);
        IRoundsTypes.Phase phase = Phases.beforeSeal(round, time);
        assert(Phases.beforeSeal(round, later) >= phase);
        assert(Phases.takesSubmissions(round, time) == (phase == IRoundsTypes.Phase.Submit));
    }
}

/// @notice From the seal to the votes a round's phase never goes back, and it is one of scoring.
/// @custom:opens contracts/libraries/Phases.sol
contract ScoringPhasesOnlyGoForward {
    function prove(RoundTermsWord terms, uint40 sealedAt, uint40 time, uint40 later) external pure {
        require(time <= later);
        IRoundsTypes.Phase phase = Phases._scoring(terms, sealedAt, time);
        assert(Phases._scoring(terms, sealedAt, later) >= phase);
        assert(phase >= IRoundsTypes.Phase.Open && phase <= IRoundsTypes.Phase.SettleDue);
    }
}

/// @notice Once all cohorts are done a round's phase never goes back, and it comes after all phases of scoring.
/// @custom:avoids contracts/libraries/Phases.sol:_scoring
contract VotingPhasesOnlyGoForward {
    function prove(RoundWord round, RoundTermsWord terms, uint40 time, uint40 later) external pure {
        require(time <= later && round.status() > RoundWordLibrary.SCORING);
        IRoundsTypes.Phase phase = Phases.sinceSeal(round, terms, time);
        assert(Phases.sinceSeal(round, terms, later) >= phase);
        assert(phase > IRoundsTypes.Phase.SettleDue);
    }
}

/// @notice Scoring has an exit: after the redraw anyone can settle what is left.
/// @custom:opens contracts/libraries/Phases.sol
contract ScoringEnds {
    function prove(RoundTermsWord terms, uint40 sealedAt, uint40 time) external pure {
        uint256 seconds_ = terms.openSeconds() + 2 * (terms.commitSeconds() + terms.revealSeconds());
        assert(
            (time >= sealedAt + seconds_) == (Phases._scoring(terms, sealedAt, time) == IRoundsTypes.Phase.SettleDue)
        );
    }
}

/// @notice Votes have an exit: once they have had their time anyone can finalize the round.
/// @custom:avoids contracts/libraries/Phases.sol:_scoring
contract VotesEnd {
    function prove(RoundWord round, RoundTermsWord terms, uint40 time) external pure {
        require(round.status() == RoundWordLibrary.AGGREGATING);
        require(time >= round.doneAt() + 2 * terms.aggregateSeconds());
        assert(Phases.sinceSeal(round, terms, time) == IRoundsTypes.Phase.FinalizeDue);
    }
}
