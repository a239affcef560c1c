// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ICourt} from "../interfaces/ICourt.sol";
import {IJury} from "../interfaces/IJury.sol";
import {CourtEvidence} from "../libraries/CourtEvidence.sol";
import {Sampling} from "../libraries/Sampling.sol";
import {CourtStorage} from "./CourtStorage.sol";

/// @title From a case to its verdict
/// @notice A panel's report decides against the defendant only if it has a majority, and is another value than the
/// accused one. What has no majority acquits.
abstract contract Proceedings is CourtStorage {
    // ---- answers

    /// @inheritdoc ICourt
    function postOpening(uint256 caseId, Facts calldata facts, OpeningFields calldata fields) external {
        Case storage case_ = _requireOpen(caseId, facts);
        if (facts.kind != CaseKind.OpeningWithheld) revert Court_WrongKind(caseId, facts.kind);
        if (block.timestamp >= case_.readyAt) revert Court_TooLate(caseId, case_.readyAt);
        CourtEvidence.requireOpening(_ROUNDS, facts.taskId, facts.round, facts.defendant, facts.accused, fields);

        emit OpeningPosted(caseId, fields);

        _end(caseId, facts, Verdict.Answered, 0);
    }

    // ---- panels

    /// @inheritdoc ICourt
    function appeal(uint256 caseId, Facts calldata facts) external {
        Case storage case_ = _requireOpen(caseId, facts);
        uint256 instance = case_.instance;
        (Verdict verdict, , uint256 endedAt) = _reported(caseId, case_, facts);
        if (instance == _JURY.lastInstance()) revert Court_LastInstance(caseId);
        uint256 deadline = endedAt + _APPEAL_SECONDS;
        if (block.timestamp >= deadline) revert Court_TooLate(caseId, deadline);

        uint256 bond = appealBond(facts.bond, instance);
        _appeals[caseId][instance] = Appeal(msg.sender, uint96(bond), verdict);
        ++instance;
        uint256 panelId = _JURY.openPanel(instance, facts.parties);
        (case_.instance, case_.panelIds[instance]) = (uint8(instance), uint40(panelId));
        _takeBond(msg.sender, bond);

        emit Appealed(caseId, msg.sender, bond);
        emit PanelAsked(caseId, instance, panelId);
    }

    /// @inheritdoc ICourt
    function conclude(uint256 caseId, Facts calldata facts) external {
        Case storage case_ = _requireOpen(caseId, facts);
        if (facts.kind == CaseKind.OpeningWithheld) {
            if (block.timestamp < case_.readyAt) revert Court_TooEarly(caseId, case_.readyAt);
            _end(caseId, facts, Verdict.Guilty, 0);
            return;
        }
        (Verdict verdict, bytes32 report, uint256 endedAt) = _reported(caseId, case_, facts);
        uint256 readyAt = case_.instance == _JURY.lastInstance() ? endedAt : endedAt + _APPEAL_SECONDS;
        if (block.timestamp < readyAt) revert Court_TooEarly(caseId, readyAt);

        _end(caseId, facts, verdict, report);
    }

    /// @dev What the last panel reported, and when it ended. Reverts while it sits.
    function _reported(
        uint256 caseId,
        Case storage case_,
        Facts calldata facts
    ) private view returns (Verdict verdict, bytes32 report, uint256 endedAt) {
        if (facts.kind == CaseKind.OpeningWithheld) revert Court_WrongKind(caseId, facts.kind);
        uint256 panelId = case_.panelIds[case_.instance];
        IJury.PanelStatus status = _JURY.statusOf(panelId);
        if (status == IJury.PanelStatus.Empty) return (Verdict.Acquitted, 0, _JURY.panelOf(panelId).drawnAt);
        endedAt = _JURY.revealEndOf(panelId);
        if (status != IJury.PanelStatus.Ended) revert Court_TooEarly(caseId, endedAt);

        report = _JURY.reportOf(panelId);
        verdict = Verdict.Guilty;
        if (report == 0 || report == facts.accused) verdict = Verdict.Acquitted;
        if (report == _JURY.EVIDENCE_MISSING()) verdict = Verdict.Dismissed;
    }

    /// @dev Notes the verdict. One that takes nothing is carried out at once.
    function _end(uint256 caseId, Facts calldata facts, Verdict verdict, bytes32 report) private {
        Case storage case_ = _cases[caseId];
        uint256 readyAt = verdict == Verdict.Guilty ? block.timestamp + _GUARDIAN_SECONDS : block.timestamp;
        (case_.verdict, case_.readyAt) = (verdict, uint40(readyAt));
        if (report != 0) _closings[caseId].report = report;
        _noteOutcome(facts, verdict, report);

        emit VerdictReached(caseId, verdict, report, readyAt);

        if (verdict != Verdict.Guilty) _close(caseId, facts);
    }

    /// @dev An answer, or a jury that came to the same value, decides a charge for good. Any other loss bars only the
    /// challenger: an accomplice must not shield an offender by losing on purpose.
    function _noteOutcome(Facts calldata facts, Verdict verdict, bytes32 report) private {
        if (verdict == Verdict.Guilty) return;
        bytes32 charge = _chargeOf(facts);
        bool isRight = verdict == Verdict.Acquitted && report != 0;
        if (verdict == Verdict.Answered || isRight) _isDecided[charge] = true;
        else _isBarred[charge][facts.challenger] = true;
    }

    /// @dev Settles what a case without a penalty leaves; {Execution} has it.
    function _close(uint256 caseId, Facts calldata facts) internal virtual;

    // ---- the guardian

    /// @inheritdoc ICourt
    function suspend(uint256 caseId, Facts calldata facts) external {
        Case storage case_ = _requireFacts(caseId, facts);
        if (msg.sender != _GUARDIAN) revert Court_OnlyGuardian(msg.sender, _GUARDIAN);
        if (case_.verdict != Verdict.Guilty) revert Court_NoVerdict(caseId);
        if (case_.isClosed) revert Court_IsClosed(caseId);
        if (case_.wasSuspended) revert Court_SuspendedBefore(caseId);
        if (block.timestamp >= case_.readyAt) revert Court_TooLate(caseId, case_.readyAt);

        uint256 readyAt = case_.readyAt + _SUSPENSION_SECONDS;
        (case_.wasSuspended, case_.readyAt) = (true, uint40(readyAt));

        emit VerdictSuspended(caseId, readyAt);
    }

    // ---- reading

    /// @inheritdoc ICourt
    function appealBond(uint256 bond, uint256 instance) public view returns (uint256) {
        // The panel above the last drawn one has all jurors.
        IJury.JuryTerms memory juryTerms = _JURY.terms();
        bool isLast = instance + 1 == _JURY.lastInstance();
        uint256 seats = isLast ? Sampling.MAX_VALIDATORS : juryTerms.secondSeats;
        return Math.max(bond << (instance + 1), seats * _fee());
    }
}
