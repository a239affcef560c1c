// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICourt} from "../interfaces/ICourt.sol";
import {Penalties} from "../libraries/Penalties.sol";
import {Readings} from "../libraries/Readings.sol";
import {CaseWordLibrary} from "../types/CaseWord.sol";
import {Bonds} from "./Bonds.sol";
import {Offences} from "./Offences.sol";

/// @title Opening cases
/// @notice A case about a withheld opening waits for an answer, all others ask for a panel.
abstract contract Cases is Bonds, Offences {
    modifier onlyAccusations() {
        if (msg.sender != address(_ACCUSATIONS)) revert Court_OnlyAccusations(msg.sender, address(_ACCUSATIONS));
        _;
    }

    /// @inheritdoc ICourt
    function open(
        Facts memory facts,
        address[] calldata parties,
        uint256 voter
    ) external onlyAccusations returns (uint256 caseId) {
        bool needsPanel = _hasPanel(facts.kind);
        bytes32 charge = _requireNew(facts);
        (uint256 instance, uint256 seats) = _isReading(facts) ? (Readings.INSTANCE, Readings.SEATS) : (0, _FIRST_SEATS);
        facts.bond = uint96(_bondFor(facts.base, Penalties.shareOf(facts.kind, 0), needsPanel ? seats : 0));
        uint256 panelId = 0;
        (caseId, panelId) = _count(needsPanel);
        uint256 readyAt = facts.kind == CaseKind.OpeningWithheld ? block.timestamp + _OPENING_SECONDS : 0;
        _cases[caseId] = CaseWordLibrary.opened(keccak256(abi.encode(facts)), readyAt, panelId);
        _noteVoter(facts, charge, voter);

        _takeBond(facts.challenger, facts.bond);
        if (needsPanel) {
            _JURY.openPanel(panelId, instance, parties);
            emit PanelAsked(caseId, 0, panelId);
        }
        _seize(facts.taskId, facts.defendant);

        emit CaseOpened(caseId, facts.taskId, facts.defendant, facts);
    }

    /// @dev Numbers a case, and its panel if it needs one.
    function _count(bool needsPanel) private returns (uint256 caseId, uint256 panelId) {
        (caseId, panelId) = (uint256(_caseCount) + 1, _panelCount);
        if (needsPanel) ++panelId;
        (_caseCount, _panelCount) = (uint128(caseId), uint128(panelId));
        if (!needsPanel) panelId = 0;
    }

    /// @dev Keeps a defendant's pay that isn't mature.
    function _seize(uint64 taskId, address defendant) private {
        _ROUNDS.seize(taskId, defendant);
    }

    /// @dev Reverts if the charge or the offence is decided, or the challenger has lost a case about it.
    function _requireNew(Facts memory facts) private view returns (bytes32 charge) {
        charge = _chargeOf(facts);
        if (_charges[charge] & DECIDED != 0) _refuseAsDecided(charge);
        // A case about an opening that isn't won is answered, which decides the charge.
        bool canBeBarred = facts.kind != CaseKind.OpeningWithheld;
        if (canBeBarred && _isBarred[charge][facts.challenger]) revert Court_ChallengerBarred(facts.challenger, charge);
        _requireUnpunished(facts.kind, facts.taskId, facts.round, facts.defendant);
    }

    /// @inheritdoc ICourt
    function exempt(Facts calldata facts) external onlyAccusations {
        _charges[_chargeOf(facts)] |= DECIDED;
    }

    /// @inheritdoc ICourt
    function addDefendant(
        uint256 caseId,
        Facts calldata facts,
        address defendant,
        uint256 base,
        uint256 voter
    ) external onlyAccusations {
        _requireOpen(caseId, facts);
        _requireKind((WITH_SEVERAL >> uint256(facts.kind)) & 1 == 1, caseId, facts.kind);
        if (defendant == facts.defendant || _bases[caseId][defendant] != 0) {
            revert Court_AlreadyADefendant(caseId, defendant);
        }
        _requireUnpunished(_faultOfAdded(facts.kind), facts.taskId, facts.round, defendant);

        _bases[caseId][defendant] = base;
        _noteVoter(facts, _chargeOf(facts), voter);
        _seize(facts.taskId, defendant);

        emit DefendantAdded(caseId, defendant);
    }
}
