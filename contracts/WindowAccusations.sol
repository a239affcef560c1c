// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccusations} from "./interfaces/IAccusations.sol";
import {ICourt} from "./interfaces/ICourt.sol";
import {IJury} from "./interfaces/IJury.sol";
import {IRoundsCourt} from "./interfaces/IRoundsCourt.sol";
import {ITasks} from "./interfaces/ITasks.sol";
import {IWindowAccusations} from "./interfaces/IWindowAccusations.sol";
import {Accusing} from "./court/Accusing.sol";
import {CourtEvidence} from "./libraries/CourtEvidence.sol";
import {Readings} from "./libraries/Readings.sol";
import {Sampling} from "./libraries/Sampling.sol";
import {SeatEvidence} from "./libraries/SeatEvidence.sol";

/// @title WindowAccusations
/// @notice See {IWindowAccusations}. {Accusations} creates it, knows the court and opens its cases. It has neither money nor state.
///
/// Assumed for safety: Tasks, Rounds and the court are this project's contracts.
contract WindowAccusations is Accusing, IWindowAccusations {
    IAccusations private immutable _ACCUSATIONS;

    /// @notice Sets the contracts that it reads. The caller tells it the court.
    /// @param tasks_ a connected {Tasks}
    constructor(ITasks tasks_) Accusing(tasks_) {
        _ACCUSATIONS = IAccusations(msg.sender);
    }

    /// @inheritdoc IWindowAccusations
    function wiring() external view returns (ITasks, IRoundsCourt, IAccusations) {
        return (_TASKS, _ROUNDS, _ACCUSATIONS);
    }

    function _court() private view returns (ICourt) {
        return ICourt(_ACCUSATIONS.court());
    }

    // ---- readers

    /// @inheritdoc IWindowAccusations
    function requestWindow(
        uint64 taskId,
        uint32 round,
        address contributor,
        IAccusations.PageProof calldata page,
        SeatProof calldata said,
        SecondSeat calldata second,
        uint256 drawn,
        bytes32 salt
    ) external returns (uint256 caseId) {
        _requireOpenToCases(taskId, round);
        ITasks.TaskParams memory params = _TASKS.paramsOf(taskId);
        ICourt.Facts memory facts = _factsOf(ICourt.CaseKind.WindowWithheld, taskId, round, contributor);
        facts.accused = CourtEvidence.commitmentOf(_ROUNDS, taskId, round, contributor, page);
        facts.base = params.contributorStake;
        facts.subject = _drawnWindow(params, taskId, round, contributor, drawn);
        SeatEvidence.Place memory place = _placeOf(params, facts, msg.sender, page.index, said);
        _requireWithheld(params, place, said.statement, said.record, drawn);
        if (second.validator != address(0)) {
            _requireSecond(params, place, said, second, drawn);
            facts.context = Readings.SAID_BY_TWO;
        }

        return _ACCUSATIONS.openForWindows(facts, salt);
    }

    /// @dev The number of a drawn window.
    function _drawnWindow(
        ITasks.TaskParams memory params,
        uint64 taskId,
        uint32 round,
        address contributor,
        uint256 drawn
    ) private view returns (uint32) {
        if (drawn >= params.replayWindows) {
            revert IAccusations.Accusations_OutOfRange("window", drawn, params.replayWindows);
        }
        return SeatEvidence.windowOf(params, _ROUNDS, taskId, round, contributor, drawn);
    }

    /// @dev A validator's entry about the update of a case.
    function _placeOf(
        ITasks.TaskParams memory params,
        ICourt.Facts memory facts,
        address validator,
        uint256 submission,
        SeatProof calldata said
    ) private pure returns (SeatEvidence.Place memory) {
        return
            SeatEvidence.Place(
                facts.taskId,
                facts.round,
                validator,
                submission,
                params.committeeSize,
                said.index,
                said.member
            );
    }

    /// @dev Reverts unless the seat says that the window was withheld.
    function _requireWithheld(
        ITasks.TaskParams memory params,
        SeatEvidence.Place memory place,
        IAccusations.Statement calldata said,
        IAccusations.RoundProof calldata record,
        uint256 drawn
    ) private view {
        (uint256 seat, uint256 entry) = SeatEvidence.entryOf(_ROUNDS, place, said, record);
        SeatEvidence.requireWithheld(entry, seat, params.committeeSize, params.replayWindows, drawn);
    }

    /// @dev Reverts unless another seat of the same committee says so, too.
    function _requireSecond(
        ITasks.TaskParams memory params,
        SeatEvidence.Place memory place,
        SeatProof calldata said,
        SecondSeat calldata second,
        uint256 drawn
    ) private view {
        uint8 attempt = second.statement.attempt;
        if (second.validator == place.validator || attempt != said.statement.attempt) {
            revert Accusations_NoSecondSeat(second.validator, attempt);
        }
        (place.validator, place.index) = (second.validator, second.index);
        _requireWithheld(params, place, second.statement, said.record, drawn);
    }

    /// @inheritdoc IWindowAccusations
    function accuseReadStep(
        uint256 readingId,
        ICourt.Facts calldata reading,
        uint256 instance,
        uint256 place,
        ICourt.OpeningFields calldata fields,
        IAccusations.StepProof calldata step,
        bytes32 evidence,
        bytes32 salt
    ) external returns (uint256 caseId) {
        _requireMismatch(readingId, reading, instance, place);
        if (step.window != reading.subject) revert Accusations_OtherWindow(step.window, reading.subject);
        // The case keeps the commitment that the round may have lost by now.
        CourtEvidence.requireOpening(
            _ROUNDS,
            reading.taskId,
            reading.round,
            reading.defendant,
            reading.accused,
            fields
        );
        (uint256 windows, ) = _TASKS.shapeOf(reading.taskId);
        CourtEvidence.requireStep(fields.stateRoot, windows, step);
        ICourt.Facts memory facts = _factsOf(
            ICourt.CaseKind.FalseStep,
            reading.taskId,
            reading.round,
            reading.defendant
        );
        (facts.subject, facts.accused, facts.context) = (step.window, step.afterwards, step.before);
        (facts.base, facts.evidence) = (reading.base, evidence);

        return _ACCUSATIONS.openForWindows(facts, salt);
    }

    /// @dev Reverts unless readers found the window to differ, not long ago, and the caller was one of them.
    function _requireMismatch(
        uint256 caseId,
        ICourt.Facts calldata facts,
        uint256 instance,
        uint256 place
    ) private view {
        ICourt.Case memory reading = _court().caseOf(caseId);
        bytes21 given = bytes21(keccak256(abi.encode(facts)));
        if (given != reading.factsHash) revert ICourt.Court_WrongFacts(caseId, given, reading.factsHash);
        bool isMismatch = facts.kind == ICourt.CaseKind.WindowWithheld && reading.verdict == ICourt.Verdict.Dismissed;
        if (!isMismatch) revert Accusations_NoMismatch(caseId, facts.kind, reading.verdict);
        uint256 deadline = reading.readyAt + _court().terms().appealSeconds;
        if (block.timestamp >= deadline) revert Accusations_TooLate(caseId, deadline);

        uint256 panelId = instance < reading.panelIds.length ? reading.panelIds[instance] : 0;
        (, , , IJury jury, ) = _court().wiring();
        (IJury.SeatStatus status, address juror, , ) = jury.seatOf(panelId, place);
        if (status == IJury.SeatStatus.NotDrawn || juror != msg.sender) {
            revert Accusations_NotAReader(caseId, instance, place, msg.sender);
        }
    }

    // ---- claimed passes

    /// @inheritdoc IWindowAccusations
    function accusePass(
        uint256 caseId,
        ICourt.Facts calldata facts,
        address validator,
        IAccusations.PageProof calldata page,
        SeatProof calldata said,
        uint256 drawn
    ) external {
        if (facts.kind != ICourt.CaseKind.FalseStep) revert Accusations_NoStepCase(caseId, facts.kind);
        CourtEvidence.commitmentOf(_ROUNDS, facts.taskId, facts.round, facts.defendant, page);
        ITasks.TaskParams memory params = _TASKS.paramsOf(facts.taskId);
        uint32 window = _drawnWindow(params, facts.taskId, facts.round, facts.defendant, drawn);
        if (window != facts.subject) revert Accusations_OtherWindow(window, facts.subject);
        SeatEvidence.Place memory place = _placeOf(params, facts, validator, page.index, said);
        (uint256 seat, uint256 entry) = SeatEvidence.entryOf(_ROUNDS, place, said.statement, said.record);
        SeatEvidence.requirePass(entry, seat, params.committeeSize, params.replayWindows, drawn);
        (, uint256 weight) = CourtEvidence.weightOf(said.record, validator);
        uint256 base = (uint256(params.minValidatorStake) * weight) / Sampling.MIN_WEIGHT;

        _ACCUSATIONS.addForWindows(caseId, facts, validator, base);
    }
}
