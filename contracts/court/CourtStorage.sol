// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAccusations} from "../interfaces/IAccusations.sol";
import {IAssayToken} from "../interfaces/IAssayToken.sol";
import {ICourt} from "../interfaces/ICourt.sol";
import {IJury} from "../interfaces/IJury.sol";
import {IRoundsCourt} from "../interfaces/IRoundsCourt.sol";
import {IStakeRegistry} from "../interfaces/IStakeRegistry.sol";
import {ITasks} from "../interfaces/ITasks.sol";

/// @title The storage of the court, its terms, and what it owes
/// @notice A case has two words: the hash of its facts, and where it stands. All else is given again with each call.
abstract contract CourtStorage is ICourt {
    using SafeERC20 for IAssayToken;

    uint256 internal constant BPS = 10_000;
    /// f, what a seat earns, as a share of the least stake of a juror.
    uint256 internal constant FEE_BPS = 20;
    /// The least bond as a share of the penalty.
    uint256 private constant BOND_BPS = 500;

    IAssayToken internal immutable _TOKEN;
    IStakeRegistry internal immutable _REGISTRY;
    ITasks internal immutable _TASKS;
    IRoundsCourt internal immutable _ROUNDS;
    IJury internal immutable _JURY;
    IAccusations internal immutable _ACCUSATIONS;
    uint256 internal immutable _JUROR_MIN_STAKE;
    uint256 private immutable _FIRST_SEATS;
    address internal immutable _GUARDIAN;
    uint96 private immutable _MIN_BOND;
    uint96 internal immutable _ANSWER_REFUND;
    uint32 internal immutable _OPENING_SECONDS;
    uint32 internal immutable _APPEAL_SECONDS;
    uint32 internal immutable _GUARDIAN_SECONDS;
    uint32 internal immutable _SUSPENSION_SECONDS;

    uint256 internal _caseCount;
    mapping(uint256 caseId => Case) internal _cases;
    mapping(uint256 caseId => Closing) internal _closings;
    /// By the instance that was appealed against.
    mapping(uint256 caseId => mapping(uint256 instance => Appeal)) internal _appeals;
    /// Bases of the defendants whose earnings a case keeps; 0 once that ended.
    mapping(uint256 caseId => mapping(address defendant => uint256 base)) internal _bases;
    /// Bit i: the seat at place i was settled.
    mapping(uint256 caseId => mapping(uint256 instance => uint256 places)) internal _settledSeats;

    /// Charges that are decided for good, by {_chargeOf}: answered, or a jury came to the same value.
    mapping(bytes32 charge => bool) internal _isDecided;
    /// Who lost a case about a charge.
    mapping(bytes32 charge => mapping(address challenger => bool)) internal _isBarred;
    /// Bases of offences that were punished, by {_offenceOf}; 0 for all others.
    mapping(bytes32 offence => uint256 base) internal _punishedBases;
    /// Who was proven to have voted for a model, by {_chargeOf}, in whatever case.
    mapping(bytes32 charge => mapping(address voter => bool)) private _isVoter;
    mapping(bytes32 charge => uint256) internal _voterCounts;
    /// Unix seconds of a juror's last vote against a report.
    mapping(address juror => uint256 time) internal _jurorPunishedAt;
    /// ASSAY wei that the court owes.
    mapping(address account => uint256 amount) internal _owed;

    /// @notice Sets the terms, for good.
    /// @param tasks_ the tasks; registry and rounds follow from it
    /// @param jury_ the jury, created by this contract
    /// @param accusations_ opens cases
    /// @param terms_ see {ICourt.CourtTerms}
    constructor(ITasks tasks_, IJury jury_, IAccusations accusations_, CourtTerms memory terms_) {
        _TASKS = tasks_;
        _ACCUSATIONS = accusations_;
        _REGISTRY = IStakeRegistry(tasks_.registry());
        _ROUNDS = IRoundsCourt(tasks_.rounds());
        _TOKEN = IAssayToken(_REGISTRY.token());
        _JURY = jury_;
        IJury.JuryTerms memory juryTerms = jury_.terms();
        _JUROR_MIN_STAKE = juryTerms.minStake;
        _FIRST_SEATS = juryTerms.firstSeats;
        _GUARDIAN = terms_.guardian;
        _MIN_BOND = terms_.minBond;
        _ANSWER_REFUND = terms_.answerRefund;
        _OPENING_SECONDS = terms_.openingSeconds;
        _APPEAL_SECONDS = terms_.appealSeconds;
        _GUARDIAN_SECONDS = terms_.guardianSeconds;
        _SUSPENSION_SECONDS = terms_.suspensionSeconds;
    }

    // ---- what is one offence

    /// @dev The key of what a case says. A false hash is the same charge whoever voted for it.
    function _chargeOf(Facts memory facts) internal pure returns (bytes32) {
        bool isHash = facts.kind == CaseKind.FalseAggregate || facts.kind == CaseKind.FalseModel;
        address whose = isHash ? address(0) : facts.defendant;
        bytes32 what = keccak256(abi.encode(facts.subject, facts.accused, facts.context));
        return keccak256(abi.encode(facts.kind, facts.taskId, facts.round, whose, what));
    }

    /// @dev The key of an offence: an account commits one of a kind in a round.
    function _offenceOf(
        CaseKind kind,
        uint64 taskId,
        uint256 round,
        address defendant
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(kind, taskId, round, defendant));
    }

    /// @dev Reverts if the offence was punished.
    function _requireUnpunished(CaseKind kind, uint64 taskId, uint256 round, address defendant) internal view {
        bytes32 offence = _offenceOf(kind, taskId, round, defendant);
        if (_punishedBases[offence] != 0) revert Court_OffenceDecided(offence);
    }

    /// @dev Counts a voter for a model once, in whatever case its vote was proven.
    function _noteVoter(CaseKind kind, bytes32 charge, address voter) internal {
        if (kind != CaseKind.FalseModel || _isVoter[charge][voter]) return;
        _isVoter[charge][voter] = true;
        ++_voterCounts[charge];
    }

    // ---- money

    /// @dev The bond of a case whose penalty is a share of `base`.
    function _bondFor(uint256 base, uint256 penaltyBps, bool needsPanel) internal view returns (uint256) {
        uint256 ofPenalty = (((base * penaltyBps) / BPS) * BOND_BPS) / BPS;
        uint256 ofFees = needsPanel ? (3 * _FIRST_SEATS * _fee()) / 2 : 0;
        return Math.max(Math.max(_MIN_BOND, ofPenalty), ofFees);
    }

    /// @dev ASSAY wei that a seat earns.
    function _fee() internal view returns (uint256) {
        return (_JUROR_MIN_STAKE * FEE_BPS) / BPS;
    }

    /// @dev Takes a bond.
    function _takeBond(address from, uint256 amount) internal {
        _TOKEN.safeTransferFrom(from, address(this), amount);
    }

    /// @dev Notes what the court owes.
    function _owe(address account, uint256 amount) internal {
        if (amount != 0) _owed[account] += amount;
    }

    /// @dev Burns what nobody gets.
    function _burn(uint256 amount) internal {
        if (amount != 0) _TOKEN.burn(amount);
    }

    /// @inheritdoc ICourt
    function withdraw(address account) external returns (uint256 amount) {
        amount = _owed[account];
        if (amount == 0) revert Court_NothingOwed(account);

        _owed[account] = 0;

        _TOKEN.safeTransfer(account, amount);

        emit Withdrawn(account, amount);
    }

    // ---- reading

    /// @dev An open case with these facts.
    function _requireOpen(uint256 caseId, Facts calldata facts) internal view returns (Case storage case_) {
        case_ = _requireFacts(caseId, facts);
        if (case_.verdict != Verdict.None) revert Court_HasVerdict(caseId, case_.verdict);
    }

    /// @dev A case with these facts.
    function _requireFacts(uint256 caseId, Facts calldata facts) internal view returns (Case storage case_) {
        case_ = _cases[caseId];
        bytes32 given = keccak256(abi.encode(facts));
        if (given != case_.factsHash) revert Court_WrongFacts(caseId, given, case_.factsHash);
    }

    /// @inheritdoc ICourt
    function owedTo(address account) external view returns (uint256) {
        return _owed[account];
    }

    /// @inheritdoc ICourt
    function caseOf(uint256 caseId) external view returns (Case memory) {
        return _cases[caseId];
    }

    /// @inheritdoc ICourt
    function closingOf(uint256 caseId) external view returns (Closing memory) {
        return _closings[caseId];
    }

    /// @inheritdoc ICourt
    function appealOf(uint256 caseId, uint256 instance) external view returns (Appeal memory) {
        return _appeals[caseId][instance];
    }

    /// @inheritdoc ICourt
    function baseOf(uint256 caseId, address defendant) external view returns (uint256) {
        return _bases[caseId][defendant];
    }

    /// @inheritdoc ICourt
    function caseCount() external view returns (uint256) {
        return _caseCount;
    }

    /// @inheritdoc ICourt
    function terms() external view returns (CourtTerms memory) {
        return
            CourtTerms({
                guardian: _GUARDIAN,
                minBond: _MIN_BOND,
                answerRefund: _ANSWER_REFUND,
                openingSeconds: _OPENING_SECONDS,
                appealSeconds: _APPEAL_SECONDS,
                guardianSeconds: _GUARDIAN_SECONDS,
                suspensionSeconds: _SUSPENSION_SECONDS
            });
    }

    /// @inheritdoc ICourt
    function wiring() external view returns (ITasks, IStakeRegistry, IRoundsCourt, IJury, IAccusations) {
        return (_TASKS, _REGISTRY, _ROUNDS, _JURY, _ACCUSATIONS);
    }
}
