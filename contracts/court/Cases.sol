// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICourt} from "../interfaces/ICourt.sol";
import {Penalties} from "../libraries/Penalties.sol";
import {CourtStorage} from "./CourtStorage.sol";

/// @title Opening cases
/// @notice A case about a withheld opening waits for an answer, all others ask for a panel.
abstract contract Cases is CourtStorage {
    modifier onlyAccusations() {
        if (msg.sender != address(_ACCUSATIONS)) revert Court_OnlyAccusations(msg.sender, address(_ACCUSATIONS));
        _;
    }

    /// @inheritdoc ICourt
    function open(Facts memory facts) external onlyAccusations returns (uint256 caseId) {
        bool needsPanel = facts.kind != CaseKind.OpeningWithheld;
        bytes32 charge = _requireNew(facts);
        facts.bond = uint96(_bondFor(facts.base, Penalties.shareOf(facts.kind), needsPanel));
        caseId = ++_caseCount;
        _cases[caseId].factsHash = keccak256(abi.encode(facts));
        if (needsPanel) _askFirstPanel(caseId, facts);
        else _cases[caseId].readyAt = uint40(block.timestamp + _OPENING_SECONDS);
        _bases[caseId][facts.defendant] = facts.base;
        _noteVoter(facts.kind, charge, facts.defendant);

        _takeBond(facts.challenger, facts.bond);
        _ROUNDS.seize(facts.taskId, facts.defendant);

        emit CaseOpened(caseId, facts.taskId, facts.defendant, facts);
    }

    /// @dev Reverts if the charge or the offence is decided, or the challenger has lost a case about it.
    function _requireNew(Facts memory facts) private view returns (bytes32 charge) {
        charge = _chargeOf(facts);
        if (_isDecided[charge]) revert Court_OffenceDecided(charge);
        if (_isBarred[charge][facts.challenger]) revert Court_ChallengerBarred(facts.challenger, charge);
        _requireUnpunished(facts.kind, facts.taskId, facts.round, facts.defendant);
    }

    function _askFirstPanel(uint256 caseId, Facts memory facts) private {
        uint256 panelId = _JURY.openPanel(0, facts.parties);
        _cases[caseId].panelIds[0] = uint40(panelId);

        emit PanelAsked(caseId, 0, panelId);
    }

    /// @inheritdoc ICourt
    function addDefendant(
        uint256 caseId,
        Facts calldata facts,
        address defendant,
        uint256 base
    ) external onlyAccusations {
        _requireOpen(caseId, facts);
        if (facts.kind != CaseKind.FalseAggregate && facts.kind != CaseKind.FalseModel) {
            revert Court_WrongKind(caseId, facts.kind);
        }
        if (_bases[caseId][defendant] != 0) revert Court_AlreadyADefendant(caseId, defendant);
        _requireUnpunished(facts.kind, facts.taskId, facts.round, defendant);

        _bases[caseId][defendant] = base;
        _noteVoter(facts.kind, _chargeOf(facts), defendant);
        _ROUNDS.seize(facts.taskId, defendant);

        emit DefendantAdded(caseId, defendant);
    }
}
