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

/// @notice An offence is slashed once. Of a defendant whose offence was punished nothing is slashed; of any other it is slashed
/// once, and this very offence is noted as punished. With three more that is all: a noted offence is punished
/// (ANotedOffenceIsPunished), it stays so (PunishedOffencesStayPunished), and nothing else slashes for an offence.
/// @custom:opens contracts/court/Execution.sol
/// @custom:plays contracts/court/CourtStorage.sol:_slash contracts/court/Offences.sol:_isPunished
/// contracts/court/Offences.sol:_penaltyFor contracts/court/Offences.sol:_notePunished contracts/court/Rewards.sol:_leftReward
/// contracts/court/Execution.sol:_ROUNDS.forfeit
/// @custom:reaches _slashes == 1
contract AnOffenceIsSlashedOnce is AnyCourt {
    uint256 private _slashes;
    uint256 private _notes;
    bool private _wasPunished;
    bool private _wasOtherPunished;
    bool private _isOther;
    CaseKind private _kind;
    uint64 private _taskId;
    uint256 private _round;
    address private _whose;

    function _isPunished(
        CaseKind kind,
        uint64 taskId,
        uint256 round,
        address defendant
    ) internal view override returns (bool) {
        bool isOther = kind != _kind || taskId != _taskId || round != _round || defendant != _whose;
        return isOther ? _wasOtherPunished : _wasPunished;
    }

    function _penaltyFor(Facts memory, address, uint256) internal view override returns (uint256) {
        return _anyTaken;
    }

    function _notePunished(Facts memory facts, address defendant, uint256) internal override {
        ++_notes;
        if (facts.kind != _kind || facts.taskId != _taskId || facts.round != _round || defendant != _whose)
            _isOther = true;
    }

    function _leftReward(Facts memory, address) internal view override returns (uint256) {
        return _anyReward;
    }

    function _slash(address account, uint64, uint256, bytes32, uint256) internal override returns (uint256, uint256) {
        ++_slashes;
        if (account != _whose) _isOther = true;
        return (_anyTaken, _anyReward);
    }

    function _forfeit(uint64, address) internal view override returns (uint256, uint256) {
        return (_anyTaken, _given);
    }

    function prove(uint256 caseId, Facts memory facts, address defendant, uint256 base) external {
        (_kind, _taskId, _round, _whose) = (facts.kind, facts.taskId, facts.round, defendant);
        (_slashes, _notes, _isOther) = (0, 0, false);
        _punish(caseId, facts, defendant, base);
        assert(_slashes == (_wasPunished ? 0 : 1) && _notes == _slashes && !_isOther);
    }
}

/// @notice An offence that was noted as punished counts as punished.
/// @custom:opens contracts/court/Offences.sol
contract ANotedOffenceIsPunished is AnyCourt {
    function prove(Facts memory facts, address defendant, uint256 base) external {
        _notePunished(facts, defendant, base);
        assert(_isPunished(facts.kind, facts.taskId, facts.round, defendant));
    }
}

/// @notice A punished offence stays punished, whatever else is punished. Nothing but a note writes what is punished: its words
/// are private.
/// @custom:opens contracts/court/Offences.sol
contract PunishedOffencesStayPunished is AnyCourt {
    function prove(Facts memory facts, address defendant, uint256 base, Facts memory other, address another) external {
        require(_watched == other.round % 160);
        require(_isPunished(other.kind, other.taskId, other.round, another));
        _notePunished(facts, defendant, base);
        assert(_isPunished(other.kind, other.taskId, other.round, another));
    }
}

/// @notice No case opens about a punished offence, nor about a charge that is decided, nor by who lost one about it.
/// @custom:opens contracts/court/Cases.sol
/// @custom:plays contracts/court/Offences.sol:_isPunished contracts/court/CourtStorage.sol:_chargeOf
contract NoCaseOpensAboutAPunishedOffence is AnyCourt {
    mapping(CaseKind => mapping(uint64 => mapping(uint256 => mapping(address => bool)))) private _were;

    function _isPunished(
        CaseKind kind,
        uint64 taskId,
        uint256 round,
        address defendant
    ) internal view override returns (bool) {
        return _were[kind][taskId][round][defendant];
    }

    function _chargeOf(Facts memory facts) internal pure override returns (bytes32) {
        return facts.context;
    }

    function prove(Facts memory facts) external view {
        _requireNew(facts);
        assert(!_were[facts.kind][facts.taskId][facts.round][facts.defendant]);
        assert(facts.kind == CaseKind.OpeningWithheld || !_isBarred[facts.context][facts.challenger]);
    }
}

/// @notice A case is carried out once: when its bonds are settled it is closed, and its verdict stays what it was.
/// @custom:opens contracts/court/Execution.sol
contract ASettledCaseIsClosed is AnyCourt {
    function prove(uint256 caseId, CaseWord case_, uint256 fee, uint256 seats) external {
        _fixFee(caseId, case_, fee, seats);
        assert(_cases[caseId].isClosed() && _cases[caseId].verdict() == case_.verdict());
    }
}

/// @notice A defendant that was added to a case is punished once: what it answers with is nothing afterwards.
/// @custom:opens contracts/court/Execution.sol
/// @custom:plays contracts/court/Execution.sol:_punish contracts/court/Execution.sol:_restore
/// contracts/court/Rewards.sol:_giveReward contracts/court/CourtStorage.sol:_foundBy
/// contracts/court/CourtStorage.sol:_requireFacts
/// @custom:reaches _punished == 1
contract AnAddedDefendantIsPunishedOnce is AnyCourt {
    uint256 private _punished;

    function _requireFacts(uint256 caseId, Facts calldata) internal view override returns (CaseWord) {
        return _cases[caseId];
    }

    function _punish(uint256, Facts memory, address, uint256) internal override returns (uint256, bool) {
        ++_punished;
        return (_anyReward, _anyTaken == 0);
    }

    // solhint-disable-next-line no-empty-blocks
    function _restore(uint64, address) internal override {}

    function _giveReward(uint256, Facts memory, address, uint256, bool) internal view override returns (uint256) {
        return _anyReward;
    }

    function _foundBy(uint256, CaseWord, Facts calldata facts, address) internal pure override returns (Facts memory) {
        return facts;
    }

    function prove(uint256 caseId, Facts calldata facts, address defendant) external {
        require(_cases[caseId].verdict() <= uint256(type(Verdict).max));
        uint256 before = _bases[caseId][defendant];
        _punished = 0;
        executeFor(caseId, facts, defendant);
        assert(before != 0 && _bases[caseId][defendant] == 0 && _cases[caseId].isClosed());
        assert(_punished == (_cases[caseId].verdict() == uint256(Verdict.Guilty) ? 1 : 0));
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

/// @notice Bonds are conserved by a verdict: each is either lost or goes back to whom it is from, never both and never
/// neither, as all of them may differ. That of a challenger goes back exactly if the verdict is Guilty, that of an appeal unless
/// the verdict stayed what it was against and the panel that it was against reported nothing, or what the last one did. Readings
/// have AReadingSharesItsBond.
/// @custom:opens contracts/court/Execution.sol
/// @custom:plays contracts/court/Bonds.sol:_owe contracts/court/CourtStorage.sol:_reportAt contracts/court/ReadingCosts.sol:_loseBond
/// @custom:loops 3
/// @custom:reaches case_.instance() == 2
contract LostAndReturnedBondsAreAllBonds is AnyCourt {
    bytes32 private _report0;
    bytes32 private _report1;
    bytes32 private _report2;

    function _owe(address, uint256 amount) internal override {
        _given += amount;
    }

    function _reportAt(uint256, CaseWord, uint256 instance) internal view override returns (bytes32) {
        return
            instance == 0
                ? _report0
                : instance == 1
                    ? _report1
                    : _report2;
    }

    function _loseBond(Facts memory facts) internal pure override returns (uint256) {
        return facts.bond;
    }

    function prove(uint256 caseId, CaseWord case_, Facts memory facts) external {
        require(case_.instance() <= 2 && case_.verdict() <= uint256(type(Verdict).max) && _given == 0);
        uint256 bonds = _bondsOf(caseId, case_, facts);
        uint256 lost = _lostBonds(caseId, case_, facts);
        assert(_given + lost == bonds);
        assert(lost == _lostBy(caseId, case_, facts));
    }

    function _lostBy(uint256 caseId, CaseWord case_, Facts memory facts) private view returns (uint256 lost) {
        bytes32 last =
            case_.instance() == 0
                ? _report0
                : case_.instance() == 1
                    ? _report1
                    : _report2;
        if (case_.verdict() != uint256(Verdict.Guilty)) lost = facts.bond;
        if (case_.instance() > 0 && (_report0 == 0 || _report0 == last)) lost += _appealLost(caseId, case_, 0);
        if (case_.instance() > 1 && (_report1 == 0 || _report1 == last)) lost += _appealLost(caseId, case_, 1);
    }

    function _appealLost(uint256 caseId, CaseWord case_, uint256 instance) private view returns (uint256) {
        bool isSame = uint256(_appeals[caseId][instance].against) == case_.verdict();
        return isSame ? _appeals[caseId][instance].bond : 0;
    }
}

/// @notice A bond is taken in full: what the court owed falls by what isn't collected, and nobody else's does.
/// @custom:opens contracts/court/Bonds.sol
/// @custom:plays contracts/court/Bonds.sol:_collect
contract BondsAreTakenInFull is AnyCourt {
    function _collect(address, uint256 amount) internal override {
        _given += amount;
    }

    function prove(address from, uint256 amount, address other) external {
        (uint256 before, uint256 others) = (_balances[from].amount, _balances[other].amount);
        _given = 0;
        _takeBond(from, amount);
        assert(_balances[from].amount + amount == before + _given);
        assert(other == from || _balances[other].amount == others);
    }
}

/// @notice A case pays or burns all that it takes: fees, reward or refund, and what is burnt are the lost bonds and the reward, to the wei.
/// @custom:opens contracts/court/Execution.sol
/// @custom:plays contracts/court/Bonds.sol:_owe contracts/court/Bonds.sol:_burn contracts/court/Execution.sol:_lostBonds
/// contracts/court/Execution.sol:_returnBonds contracts/court/Execution.sol:_hasReports contracts/court/Execution.sol:_fixFee
/// contracts/court/Rewards.sol:_giveReward contracts/court/ReadingCosts.sol:_mostFee
contract WhatACaseTakesIsPaidOrBurnt is AnyCourt {
    uint256 private _lost;
    uint256 private _fees;

    function _owe(address, uint256 amount) internal override {
        _given += amount;
    }

    function _burn(uint256 amount) internal override {
        _given += amount;
    }

    function _giveReward(uint256, Facts memory, address, uint256 amount, bool) internal override returns (uint256) {
        _given += amount;
        return amount;
    }

    function _lostBonds(uint256, CaseWord, Facts memory) internal override returns (uint256) {
        _lost = _anyTaken;
        return _anyTaken;
    }

    // solhint-disable-next-line no-empty-blocks
    function _returnBonds(uint256, CaseWord, Facts memory) internal override {}

    function _hasReports(uint256, CaseWord) internal view override returns (bool) {
        return _anyReward == 0;
    }

    function _mostFee(Facts memory) internal view override returns (uint256) {
        return _anyReward;
    }

    function _fixFee(uint256, CaseWord, uint256 fee, uint256 seats) internal override returns (uint256) {
        _fees = fee * seats;
        return fee;
    }

    function prove(uint256 caseId, CaseWord case_, Facts memory facts, uint256 reward, bool isShared) external {
        require(_given == 0 && _lost == 0 && _anyTaken < 2 ** 100 && reward < 2 ** 100);
        _settle(caseId, case_, facts, reward, isShared);
        assert(_given + _fees == reward + _lost);
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
/// contracts/court/CourtStorage.sol:_foundBy contracts/court/CourtStorage.sol:_requireFacts
contract OnlyAGuiltyVerdictIsCarriedOut is AnyCourt {
    bool private _anyAdopted;

    function _requireFacts(uint256 caseId, Facts calldata) internal view override returns (CaseWord) {
        return _cases[caseId];
    }

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
        require(_cases[caseId].verdict() <= uint256(type(Verdict).max));
        CaseWord before = _cases[caseId];
        execute(caseId, facts);
        assert(before.verdict() == uint256(Verdict.Guilty) && !before.isClosed());
        assert(before.wasSuspended() || block.timestamp >= before.readyAt());
    }
}

/// @notice A verdict is given once: a case that has one can't be concluded again.
/// @custom:opens contracts/court/Proceedings.sol
/// @custom:plays contracts/court/Proceedings.sol:_end contracts/court/Proceedings.sol:_reported
/// contracts/court/CourtStorage.sol:_requireFacts
contract VerdictsAreGivenOnce is AnyCourt {
    Verdict private _anyVerdict;

    function _requireFacts(uint256 caseId, Facts calldata) internal view override returns (CaseWord) {
        return _cases[caseId];
    }

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
        require(_cases[caseId].verdict() <= uint256(type(Verdict).max));
        CaseWord before = _cases[caseId];
        conclude(caseId, facts);
        assert(before.verdict() == uint256(Verdict.None));
    }
}

/// @notice Only the guardian delays a verdict, by the fixed time, once, and before it is due. It stays the same verdict, to be carried
/// out.
/// @custom:opens contracts/court/Proceedings.sol
/// @custom:plays contracts/court/CourtStorage.sol:_requireFacts contracts/court/Proceedings.sol:_JURY.openPoll
contract TheGuardianDelaysOnce is AnyCourt {
    function _requireFacts(uint256 caseId, Facts calldata) internal view override returns (CaseWord) {
        return _cases[caseId];
    }

    // solhint-disable-next-line no-empty-blocks
    function _openPoll(uint256) internal override {}

    function prove(uint256 caseId, Facts calldata facts) external {
        CaseWord before = _cases[caseId];
        require(before.verdict() <= uint256(type(Verdict).max) && before.readyAt() + _SUSPENSION_SECONDS < 2 ** 40);
        suspend(caseId, facts);
        assert(msg.sender == _GUARDIAN && block.timestamp < before.readyAt());
        assert(before.verdict() == uint256(Verdict.Guilty) && !before.wasSuspended() && !before.isClosed());
        CaseWord afterwards = _cases[caseId];
        assert(afterwards.wasSuspended() && afterwards.readyAt() == before.readyAt() + _SUSPENSION_SECONDS);
        assert(afterwards.verdict() == before.verdict() && !afterwards.isClosed());
    }
}
