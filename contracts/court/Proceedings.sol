// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ICourt} from "../interfaces/ICourt.sol";
import {IJury} from "../interfaces/IJury.sol";
import {CourtEvidence} from "../libraries/CourtEvidence.sol";
import {Sampling} from "../libraries/Sampling.sol";
import {CaseWord} from "../types/CaseWord.sol";
import {Bonds} from "./Bonds.sol";

/// @title From a case to its verdict
/// @notice A panel's report decides against the defendant only if it has a majority, and is another value than the
/// accused one. What has no majority acquits.
abstract contract Proceedings is Bonds {
    // ---- answers

    /// @inheritdoc ICourt
    function postOpening(uint256 caseId, Facts calldata facts, OpeningFields calldata fields) external {
        CaseWord case_ = _requireOpen(caseId, facts);
        _requireKind(facts.kind == CaseKind.OpeningWithheld, caseId, facts.kind);
        _requireBefore(caseId, case_.readyAt());
        CourtEvidence.requireOpening(_ROUNDS, facts.taskId, facts.round, facts.defendant, facts.accused, fields);

        emit OpeningPosted(caseId, fields);

        _end(caseId, case_, facts, Verdict.Answered, 0);
    }

    // ---- panels

    /// @inheritdoc ICourt
    function appeal(uint256 caseId, Facts calldata facts) external {
        CaseWord case_ = _requireOpen(caseId, facts);
        uint256 instance = case_.instance();
        (Verdict verdict, , uint256 endedAt, uint256 seats) = _reported(caseId, case_, facts);
        if (instance == _LAST_INSTANCE) revert Court_LastInstance(caseId);
        uint256 deadline = endedAt + _APPEAL_SECONDS;
        _requireBefore(caseId, deadline);

        uint256 bond = appealBond(facts.bond, instance);
        uint256 former = _panelOf(caseId, case_, instance);
        uint256 panelId = ++_panelCount;
        _appeals[caseId][instance] = Appeal(msg.sender, uint96(bond), verdict, uint32(panelId));
        _cases[caseId] = case_.withInstance(instance + 1).withPanel(seats);
        _JURY.openNextPanel(panelId, instance + 1, former);
        _takeBond(msg.sender, bond);

        emit Appealed(caseId, msg.sender, bond);
        emit PanelAsked(caseId, instance + 1, panelId);
    }

    /// @inheritdoc ICourt
    function conclude(uint256 caseId, Facts calldata facts) external {
        CaseWord case_ = _requireOpen(caseId, facts);
        if (!_hasPanel(facts.kind)) {
            _requireFrom(caseId, case_.readyAt());
            _end(caseId, case_, facts, Verdict.Guilty, 0);
            return;
        }
        (Verdict verdict, bytes32 report, uint256 endedAt, uint256 seats) = _reported(caseId, case_, facts);
        uint256 readyAt = case_.instance() == _LAST_INSTANCE ? endedAt : endedAt + _APPEAL_SECONDS;
        _requireFrom(caseId, readyAt);

        _end(caseId, case_.withPanel(seats), facts, verdict, report);
    }

    /// @dev What the last panel reported, when it ended, and its seats. Reverts while it sits.
    function _reported(
        uint256 caseId,
        CaseWord case_,
        Facts calldata facts
    ) private view returns (Verdict verdict, bytes32 report, uint256 endedAt, uint256 seats) {
        _requireKind(_hasPanel(facts.kind), caseId, facts.kind);
        uint256 panelId = _panelOf(caseId, case_, case_.instance());
        (verdict, report, endedAt, seats) = _JURY.outcomeOf(panelId, facts.kind, facts.accused);
        if (verdict == Verdict.None) _refuseAsTooEarly(caseId, endedAt);
        // The update is the accused's to keep, and to say where it is.
        if (verdict == Verdict.Unavailable && !_ACCUSATIONS.isUpdateDeclared(caseId)) verdict = Verdict.Guilty;
    }

    /// @dev Notes the verdict. One that takes nothing is carried out at once.
    function _end(uint256 caseId, CaseWord case_, Facts calldata facts, Verdict verdict, bytes32 report) private {
        uint256 readyAt = verdict == Verdict.Guilty ? block.timestamp + _GUARDIAN_SECONDS : block.timestamp;
        case_ = case_.withVerdict(uint256(verdict), readyAt);
        _noteOutcome(facts, verdict, report);

        emit VerdictReached(caseId, verdict, report, readyAt);

        if (verdict == Verdict.Guilty) _cases[caseId] = case_;
        else _close(caseId, case_, facts);
    }

    /// @dev An answer, or a jury that came to the same value, decides a charge for good. Any other loss bars only the
    /// challenger: an accomplice must not shield an offender by losing on purpose.
    function _noteOutcome(Facts calldata facts, Verdict verdict, bytes32 report) private {
        if (verdict == Verdict.Guilty || verdict == Verdict.Unavailable) return;
        bytes32 charge = _chargeOf(facts);
        bool isRight = verdict == Verdict.Acquitted && report != 0;
        if (verdict == Verdict.Answered || isRight) _charges[charge] |= DECIDED;
        else _isBarred[charge][facts.challenger] = true;
    }

    /// @dev Settles what a case without a penalty leaves, and stores its word; {Execution} has it.
    function _close(uint256 caseId, CaseWord case_, Facts calldata facts) internal virtual;

    // ---- the guardian

    /// @inheritdoc ICourt
    function suspend(uint256 caseId, Facts calldata facts) external {
        CaseWord case_ = _requireGuilty(caseId, facts);
        if (msg.sender != _GUARDIAN) revert Court_OnlyGuardian(msg.sender, _GUARDIAN);
        if (case_.wasSuspended()) revert Court_SuspendedBefore(caseId);
        _requireBefore(caseId, case_.readyAt());

        uint256 readyAt = case_.readyAt() + _SUSPENSION_SECONDS;
        _cases[caseId] = case_.suspended(readyAt);
        _JURY.openPoll(caseId);

        emit VerdictSuspended(caseId, readyAt);
    }

    /// @inheritdoc ICourt
    function annul(uint256 caseId, Facts calldata facts) external {
        CaseWord case_ = _requireGuilty(caseId, facts);
        if (_JURY.decisionOf(caseId) != IJury.PollDecision.Annul) revert Court_NotAnnulled(caseId);

        _charges[_chargeOf(facts)] |= DECIDED;

        emit VerdictReached(caseId, Verdict.Annulled, 0, block.timestamp);

        _close(caseId, case_.withVerdict(uint256(Verdict.Annulled), block.timestamp), facts);
    }

    /// @dev Reverts unless a verdict Guilty is to be carried out: it is due, or all jurors don't want to wait any longer, and
    /// they haven't annulled it.
    function _requireDue(uint256 caseId, CaseWord case_) internal view {
        IJury.PollDecision decision = IJury.PollDecision.None;
        if (case_.wasSuspended()) decision = _JURY.decisionOf(caseId);
        if (decision == IJury.PollDecision.Annul) revert Court_Annulled(caseId);
        if (decision != IJury.PollDecision.Execute) _requireFrom(caseId, case_.readyAt());
    }

    // ---- reading

    /// @inheritdoc ICourt
    function appealBond(uint256 bond, uint256 instance) public view returns (uint256) {
        // The panel above the last drawn one has all jurors.
        uint256 seats = instance + 1 == _LAST_INSTANCE ? Sampling.MAX_VALIDATORS : _SECOND_SEATS;
        return Math.max(bond << (instance + 1), seats * _fee());
    }
}
