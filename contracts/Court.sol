// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccusations} from "./interfaces/IAccusations.sol";
import {IBeacon} from "./interfaces/IBeacon.sol";
import {ICourt} from "./interfaces/ICourt.sol";
import {IJury} from "./interfaces/IJury.sol";
import {IJuryFactory} from "./interfaces/IJuryFactory.sol";
import {ITasks} from "./interfaces/ITasks.sol";
import {ContractCode} from "./libraries/ContractCode.sol";
import {Cases} from "./court/Cases.sol";
import {CourtStorage} from "./court/CourtStorage.sol";
import {Execution} from "./court/Execution.sol";

/// @title Court
/// @notice See {ICourt}. It has its {Jury} created, so that nobody else can ever ask for panels.
///
/// Assumed for safety: Tasks, Rounds and the registry are this project's contracts, and nobody knows the beacon's value
/// when a panel is asked for.
/// Assumed for liveness: the registry names this contract as its court.
contract Court is Cases, Execution {
    /// Longest time for an answer, an appeal, or the guardian.
    uint256 private constant MAX_SECONDS = 30 days;

    /// Time to settle the seats of a closed case before a place can change hands.
    uint256 private constant SETTLE_SECONDS = 1 minutes;

    uint256 private immutable _VERDICT_SECONDS;
    uint256 private immutable _EXECUTION_SECONDS;

    /// @notice Sets the terms, for good. Reverts if a case could outlast the time that stake is slashable.
    /// @param tasks_ a connected {Tasks}
    /// @param beacon_ the randomness of the jury's draws
    /// @param accusations_ opens cases; it is connected to this contract afterwards
    /// @param factory creates the jury
    /// @param terms_ see {ICourt.CourtTerms}
    /// @param juryTerms see {IJury.JuryTerms}
    constructor(
        ITasks tasks_,
        IBeacon beacon_,
        IAccusations accusations_,
        IJuryFactory factory,
        CourtTerms memory terms_,
        IJury.JuryTerms memory juryTerms
    ) CourtStorage(_connected(tasks_), _newJury(factory, beacon_, juryTerms), accusations_, terms_) {
        _requireContract(address(beacon_));
        _requireContract(address(accusations_));
        _requireWithin("minBond", terms_.minBond, 1, type(uint88).max);
        _requireWithin("answerRefund", terms_.answerRefund, 0, terms_.minBond / 2);
        _requireWithin("openingSeconds", terms_.openingSeconds, 1, MAX_SECONDS);
        _requireWithin("appealSeconds", terms_.appealSeconds, 1, MAX_SECONDS);
        _requireWithin("guardianSeconds", terms_.guardianSeconds, 1, MAX_SECONDS);
        _requireWithin("suspensionSeconds", terms_.suspensionSeconds, 0, MAX_SECONDS);

        uint256 execution = uint256(terms_.guardianSeconds) + terms_.suspensionSeconds;
        _EXECUTION_SECONDS = execution;
        uint256 case_ = _longestCase(terms_);
        // Readers take as long as jurors; one of them can then accuse the contributor of a step.
        uint256 verdict = 2 * case_ + terms_.appealSeconds;
        _VERDICT_SECONDS = verdict;
        ITasks.Timing memory timing = tasks_.timing();
        _requireFast("verdict", verdict, timing.verdictSeconds);
        _requireFast("execution", execution, timing.executionSeconds);
        _requireFast("settlement", case_ + execution + SETTLE_SECONDS, juryTerms.bindingSeconds);
    }

    /// @dev All panels with all their requests of a beacon, and the appeals between them; or an answer, if that takes longer.
    function _longestCase(CourtTerms memory terms_) private view returns (uint256 longest) {
        uint256 last = _JURY.lastInstance();
        for (uint256 i = 0; i <= last; ++i) longest += _JURY.panelSeconds(i);
        longest += last * terms_.appealSeconds;
        if (longest < terms_.openingSeconds) longest = terms_.openingSeconds;
    }

    function _connected(ITasks tasks_) private view returns (ITasks) {
        _requireContract(address(tasks_));
        _requireContract(tasks_.rounds());
        return tasks_;
    }

    function _newJury(IJuryFactory factory, IBeacon beacon_, IJury.JuryTerms memory juryTerms) private returns (IJury) {
        _requireContract(address(factory));
        return factory.create(beacon_, juryTerms);
    }

    function _requireContract(address account) private view {
        if (!ContractCode.isContract(account)) revert Court_NotAContract(account);
    }

    function _requireWithin(string memory parameter, uint256 value, uint256 minimum, uint256 maximum) private pure {
        if (value < minimum || value > maximum) revert Court_OutOfBounds(parameter, value, minimum, maximum);
    }

    function _requireFast(string memory step, uint256 longest, uint256 allowed) private pure {
        if (longest > allowed) revert Court_TooSlow(step, longest, allowed);
    }

    /// @inheritdoc ICourt
    function verdictSeconds() external view returns (uint256) {
        return _VERDICT_SECONDS;
    }

    /// @inheritdoc ICourt
    function executionSeconds() external view returns (uint256) {
        return _EXECUTION_SECONDS;
    }
}
