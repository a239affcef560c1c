// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Court} from "../../contracts/Court.sol";
import {IAccusations} from "../../contracts/interfaces/IAccusations.sol";
import {IBeacon} from "../../contracts/interfaces/IBeacon.sol";
import {ICourt} from "../../contracts/interfaces/ICourt.sol";
import {IJury} from "../../contracts/interfaces/IJury.sol";
import {IJuryFactory} from "../../contracts/interfaces/IJuryFactory.sol";
import {ITasks} from "../../contracts/interfaces/ITasks.sol";
import {Readings} from "../../contracts/libraries/Readings.sol";
import {CaseWord} from "../../contracts/types/CaseWord.sol";

abstract contract AnyCourt is
    Court(
        ITasks(address(1)),
        IBeacon(address(2)),
        IAccusations(address(3)),
        IJuryFactory(address(4)),
        ICourt.CourtTerms(address(5), 1, 0, 1, 1, 1, 1),
        IJury.JuryTerms(1 ether, 1, 1, 1, 1, 1, 3, 5)
    )
{
    uint256 internal _given;
    uint256 internal _anyTaken;
    uint256 internal _anyReward;

    /// All bonds of a case.
    function _bondsOf(uint256 caseId, CaseWord case_, Facts memory facts) internal view returns (uint256 bonds) {
        bonds = facts.bond;
        if (case_.instance() > 0) bonds += _appeals[caseId][0].bond;
        if (case_.instance() > 1) bonds += _appeals[caseId][1].bond;
    }
}

/// @notice An offence that was punished is never slashed again: no second case about it takes anything from the stake.
/// @custom:opens contracts/court/Execution.sol
/// @custom:plays contracts/court/CourtStorage.sol:_slash contracts/court/Offences.sol:_isPunished
/// contracts/court/Offences.sol:_penaltyFor contracts/court/Offences.sol:_notePunished contracts/court/Rewards.sol:_leftReward
/// @custom:undecided no answer within 640 s, in which the machine gave the solver 4 s of work
contract AnOffenceIsSlashedOnce is AnyCourt {
    bool private _wasPunished;

    function _isPunished(CaseKind, uint64, uint256, address) internal view override returns (bool) {
        return _wasPunished;
    }

    function _penaltyFor(Facts memory, address, uint256) internal view override returns (uint256) {
        return _anyTaken;
    }

    // solhint-disable-next-line no-empty-blocks
    function _notePunished(Facts memory, address, uint256) internal override {}

    function _leftReward(Facts memory, address) internal view override returns (uint256) {
        return _anyReward;
    }

    function _slash(address, uint64, uint256, bytes32, uint256) internal view override returns (uint256, uint256) {
        assert(!_wasPunished);
        return (_anyTaken, _anyReward);
    }

    function prove(uint256 caseId, Facts memory facts, address defendant, uint256 base) external {
        _punish(caseId, facts, defendant, base);
    }
}

/// @notice Bonds are conserved where nobody was found wrong: all of them go back.
/// @custom:opens contracts/court/Execution.sol
/// @custom:plays contracts/court/Bonds.sol:_owe
/// @custom:loops 3
/// @custom:reaches case_.instance() == 2
contract ReturnedBondsAreAllBonds is AnyCourt {
    function _owe(address, uint256 amount) internal override {
        _given += amount;
    }

    function prove(uint256 caseId, CaseWord case_, Facts memory facts) external {
        require(case_.instance() <= 2 && _given == 0);
        uint256 bonds = _bondsOf(caseId, case_, facts);
        _returnBonds(caseId, case_, facts);
        assert(_given == bonds);
    }
}

/// @notice Bonds are conserved by a verdict: what is lost and what goes back add up to all bonds of a case.
/// @custom:opens contracts/court/Execution.sol
/// @custom:plays contracts/court/Bonds.sol:_owe
/// @custom:loops 3
/// @custom:reaches case_.instance() == 2
/// @custom:undecided not asked to the end yet, for want of processor time
contract LostAndReturnedBondsAreAllBonds is AnyCourt {
    function _owe(address, uint256 amount) internal override {
        _given += amount;
    }

    function prove(uint256 caseId, CaseWord case_, Facts memory facts) external {
        require(case_.instance() <= 2 && _given == 0 && !_isReading(facts));
        uint256 bonds = _bondsOf(caseId, case_, facts);
        uint256 lost = _lostBonds(caseId, case_, facts);
        assert(_given + lost == bonds);
    }
}

/// @notice A reading takes its readers' fees from the bond, half of them where two seats said the same, and gives the rest back;
/// the other half is the defendant's.
/// @custom:opens contracts/court/ReadingCosts.sol
/// @custom:plays contracts/court/Bonds.sol:_owe contracts/court/CourtStorage.sol:_slash
contract AReadingSharesItsBond is AnyCourt {
    function _owe(address, uint256 amount) internal override {
        _given += amount;
    }

    function _slash(address, uint64, uint256, bytes32, uint256) internal view override returns (uint256, uint256) {
        return (_anyTaken, _anyReward);
    }

    function prove(Facts memory facts) external {
        uint256 fees = Readings.SEATS * _fee();
        require(_isReading(facts) && facts.bond >= fees && _given == 0 && _anyReward < 2 ** 96);
        bool isShared = facts.context == Readings.SAID_BY_TWO;
        uint256 fromBond = isShared ? fees / 2 : fees;
        uint256 fromStake = isShared ? _anyReward : 0;
        uint256 lost = _loseBond(facts);
        assert(lost == fromBond + fromStake);
        assert(_given + lost == facts.bond + fromStake);
    }
}

/// @notice What the court owes an account grows by what it is given, to the wei, and nobody else's does.
/// @custom:opens contracts/court/Bonds.sol
/// @custom:undecided no answer within 670 s, in which the machine gave the solver 5 s of work
contract WhatIsOwedIsCounted is AnyCourt {
    function prove(address account, uint96 amount, address other) external {
        (uint256 before, uint256 others) = (_balanceOf(account), _balanceOf(other));
        _owe(account, amount);
        assert(_balanceOf(account) == before + amount);
        assert(other == account || _balanceOf(other) == others);
    }

    function _balanceOf(address account) private view returns (uint256) {
        return _balances[account].amount;
    }
}

/// @notice Only a verdict Guilty is carried out, and only once: never that of a closed case.
/// @custom:opens contracts/court/Execution.sol
/// @custom:plays contracts/court/Execution.sol:_punish contracts/court/Execution.sol:_settle contracts/court/Execution.sol:_wasAdopted
/// contracts/court/CourtStorage.sol:_foundBy
/// @custom:undecided not asked to the end yet, for want of processor time
contract OnlyAGuiltyVerdictIsCarriedOut is AnyCourt {
    bool private _anyAdopted;

    function _punish(uint256, Facts memory, address, uint256) internal view override returns (uint256, bool) {
        return (_anyReward, _anyAdopted);
    }

    // solhint-disable-next-line no-empty-blocks
    function _settle(uint256, CaseWord, Facts memory, uint256, bool) internal override {}

    function _wasAdopted(Facts calldata) internal view override returns (bool) {
        return _anyAdopted;
    }

    function _foundBy(uint256, CaseWord, Facts calldata facts, address) internal pure override returns (Facts memory) {
        return facts;
    }

    function prove(uint256 caseId, Facts calldata facts) external {
        CaseWord before = _cases[caseId];
        execute(caseId, facts);
        assert(before.verdict() == uint256(Verdict.Guilty) && !before.isClosed());
        assert(before.wasSuspended() || block.timestamp >= before.readyAt());
    }
}

/// @notice A verdict is given once: a case that has one can't be concluded again.
/// @custom:opens contracts/court/Proceedings.sol
/// @custom:plays contracts/court/Proceedings.sol:_end contracts/court/Proceedings.sol:_reported
/// @custom:undecided not asked to the end yet, for want of processor time
contract VerdictsAreGivenOnce is AnyCourt {
    Verdict private _anyVerdict;

    // solhint-disable-next-line no-empty-blocks
    function _end(uint256, CaseWord, Facts calldata, Verdict, bytes32) internal override {}

    function _reported(
        uint256,
        CaseWord,
        Facts calldata
    ) internal view override returns (Verdict verdict, bytes32 report, uint256 endedAt, uint256 seats) {
        return (_anyVerdict, bytes32(_anyTaken), _anyReward, _given);
    }

    function prove(uint256 caseId, Facts calldata facts) external {
        CaseWord before = _cases[caseId];
        conclude(caseId, facts);
        assert(before.verdict() == uint256(Verdict.None));
    }
}

/// @notice Only the guardian delays a verdict, by the fixed time, once, and before it is due.
/// @custom:opens contracts/court/Proceedings.sol
/// @custom:undecided not asked to the end yet, for want of processor time
contract TheGuardianDelaysOnce is AnyCourt {
    function prove(uint256 caseId, Facts calldata facts) external {
        CaseWord before = _cases[caseId];
        suspend(caseId, facts);
        assert(msg.sender == _GUARDIAN && block.timestamp < before.readyAt());
        assert(before.verdict() == uint256(Verdict.Guilty) && !before.wasSuspended() && !before.isClosed());
    }
}
