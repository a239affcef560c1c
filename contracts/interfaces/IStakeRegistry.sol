// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title StakeRegistry: the stake of contributors and validators
/// @notice Holds ASSAY. An account has active stake and at most one unbonding amount. Both can be slashed until they
/// leave the contract. Tasks reserve active stake, and the court that of its jurors, so that one stake can't back two of
/// these. Two contracts slash: Rounds for missed duties, the court for what was proven. Only the court's slashes can have
/// a reward, which it pays out. A deployment may have no court, for good: then nobody but Rounds slashes.
///
/// Safety: token balance ≥ Σ active + Σ unbonding + slashedPot + rewardPot at every moment; reserved stake can't be
/// unstaked; the court can pay out at most 40 % of what its slashes took.
/// Liveness: only its owner can add to a stake, extend its unbonding or block its withdrawal; a slash never reverts for
/// Rounds and the court.
interface IStakeRegistry {
    /// @notice The stake of an account, in ASSAY wei.
    /// @param active stake that can be reserved
    /// @param unbonding stake that is unbonding, still slashable
    /// @param availableAt unix seconds from which `unbonding` can be withdrawn, 0 if there is none
    /// @param reserved part of `active` that tasks and the court have reserved (may exceed `active` after a slash)
    struct Position {
        uint96 active;
        uint96 unbonding;
        uint40 availableAt;
        uint96 reserved;
    }

    /// @notice The contracts that may reserve and slash were set, for good.
    /// @param tasks reserves and releases stake of contributors and validators
    /// @param rounds slashes missed duties
    /// @param court slashes what was proven, and reserves stake of jurors; zero: nobody does, for good
    event Connected(address indexed tasks, address indexed rounds, address indexed court);
    /// @notice Stake was added.
    /// @param account whose stake it is
    /// @param amount ASSAY wei added
    /// @param active ASSAY wei of active stake now
    event Staked(address indexed account, uint256 amount, uint256 active);
    /// @notice Active stake started to unbond.
    /// @param account whose stake it is
    /// @param amount ASSAY wei that are unbonding
    /// @param availableAt unix seconds from which it can be withdrawn
    event UnstakeRequested(address indexed account, uint256 amount, uint256 availableAt);
    /// @notice Unbonding stake became active again.
    /// @param account whose stake it is
    /// @param amount ASSAY wei
    event UnstakeCancelled(address indexed account, uint256 amount);
    /// @notice Unbonding stake was withdrawn by its owner.
    /// @param account whose stake it was
    /// @param amount ASSAY wei
    event Withdrawn(address indexed account, uint256 amount);
    /// @notice Active stake was reserved.
    /// @param account whose stake it is
    /// @param taskId the task, or from 2⁶³ on an id of the court
    /// @param amount ASSAY wei
    event Reserved(address indexed account, uint64 indexed taskId, uint256 amount);
    /// @notice A reservation ended.
    /// @param account whose stake it is
    /// @param taskId the task, or from 2⁶³ on an id of the court
    /// @param amount ASSAY wei that were still reserved
    event Released(address indexed account, uint64 indexed taskId, uint256 amount);
    /// @notice Active stake was moved to the slashed pot as a fee.
    /// @param account whose stake it was
    /// @param taskId the task, or from 2⁶³ on an id of the court
    /// @param amount ASSAY wei
    event FeeTaken(address indexed account, uint64 indexed taskId, uint256 amount);
    /// @notice Stake was taken as a penalty: the reward moved to the reward pot, the rest to the slashed pot.
    /// @param account whose stake it was
    /// @param taskId the task of the fault, or from 2⁶³ on an id of the court
    /// @param penalty ASSAY wei asked for
    /// @param taken ASSAY wei slashed: less than the penalty if the account had less
    /// @param reward part of `taken` that the court pays out, in ASSAY wei; 0 for a missed duty
    /// @param reason why, a constant of `SlashReasons`
    event Slashed(
        address indexed account,
        uint64 indexed taskId,
        uint256 penalty,
        uint256 taken,
        uint256 reward,
        bytes32 reason
    );
    /// @notice The court paid a reward from the reward pot.
    /// @param to who received it
    /// @param amount ASSAY wei
    event RewardPaid(address indexed to, uint256 amount);
    /// @notice The slashed pot was burnt.
    /// @param amount ASSAY wei burnt
    event SlashedBurnt(uint256 amount);

    /// @notice Only the deployer may call this.
    /// @param caller who called
    /// @param deployer who may
    error StakeRegistry_OnlyDeployer(address caller, address deployer);
    /// @notice The contract is connected already, for good.
    /// @param tasks the connected Tasks
    /// @param rounds the connected Rounds
    /// @param court the connected court; zero: none
    error StakeRegistry_AlreadyConnected(address tasks, address rounds, address court);
    /// @notice The address has no code of its own. A wallet that delegates to code doesn't count as a contract.
    /// @param account the address
    error StakeRegistry_NotAContract(address account);
    /// @notice The unbonding time given at deployment is out of bounds.
    /// @param unbondingSeconds seconds given
    /// @param minimum least seconds
    /// @param maximum most seconds
    error StakeRegistry_UnbondingOutOfBounds(uint256 unbondingSeconds, uint256 minimum, uint256 maximum);
    /// @notice Only the connected Tasks may reserve and release under ids below 2⁶³.
    /// @param caller who called
    /// @param tasks who may; zero before `connect`
    error StakeRegistry_OnlyTasks(address caller, address tasks);
    /// @notice Only the court may reserve and release under ids from 2⁶³ on, and pay rewards.
    /// @param caller who called
    /// @param court who may; zero: nobody
    error StakeRegistry_OnlyCourt(address caller, address court);
    /// @notice Only Rounds and the court may slash.
    /// @param caller who called
    /// @param rounds who may; zero before `connect`
    /// @param court who may too; zero: nobody else
    error StakeRegistry_OnlySlashers(address caller, address rounds, address court);
    /// @notice The amount is zero.
    error StakeRegistry_ZeroAmount();
    /// @notice The account has less free stake than needed: stake more, or leave a task first.
    /// @param requested ASSAY wei needed, including a fee
    /// @param free ASSAY wei that are active and not reserved
    error StakeRegistry_FreeStakeTooLow(uint256 requested, uint256 free);
    /// @notice Some stake is unbonding already: withdraw or cancel it first.
    /// @param amount ASSAY wei that are unbonding
    /// @param availableAt unix seconds from which it can be withdrawn
    error StakeRegistry_AlreadyUnbonding(uint256 amount, uint256 availableAt);
    /// @notice No stake is unbonding: none was requested, or a slash took all of it.
    error StakeRegistry_NothingUnbonding();
    /// @notice The unbonding time isn't over.
    /// @param availableAt unix seconds from which the unbonding amount can be withdrawn
    error StakeRegistry_StillUnbonding(uint256 availableAt);
    /// @notice The account has a reservation under this id already.
    /// @param account whose stake it is
    /// @param taskId the task, or from 2⁶³ on an id of the court
    /// @param amount ASSAY wei reserved for it
    error StakeRegistry_AlreadyReserved(address account, uint64 taskId, uint256 amount);
    /// @notice The slashed pot is empty.
    error StakeRegistry_NothingSlashed();
    /// @notice The reward pot holds less than the court wants to pay.
    /// @param requested ASSAY wei to pay
    /// @param available ASSAY wei in the pot
    error StakeRegistry_RewardPotTooLow(uint256 requested, uint256 available);
    /// @notice The permit is invalid, and the existing allowance doesn't cover the stake.
    /// @param allowance ASSAY wei that this contract may take
    /// @param needed ASSAY wei to stake
    error StakeRegistry_PermitRefused(uint256 allowance, uint256 needed);

    /// @notice Sets the contracts that may reserve and slash. Only the deployer, and only once.
    /// @param tasks a contract; it may reserve and release under ids below 2⁶³
    /// @param rounds a contract; it may slash, never with a reward
    /// @param court a contract; it may slash with a reward, and reserve and release under ids from 2⁶³ on. Zero: this
    /// deployment has no court, for good
    function connect(address tasks, address rounds, address court) external;

    /// @notice Stakes ASSAY that the caller has approved.
    /// @param amount ASSAY wei, not 0
    function stake(uint256 amount) external;

    /// @notice Stakes with a permit in the same transaction. A permit that somebody else has used already does no harm.
    /// @param amount ASSAY wei, not 0
    /// @param deadline unix seconds until which the permit is valid
    /// @param v of the permit's signature
    /// @param r of the permit's signature
    /// @param s of the permit's signature
    function stakeWithPermit(uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;

    /// @notice Starts to unbond free stake. One request at a time: a second one reverts with
    /// `StakeRegistry_AlreadyUnbonding`.
    /// @param amount ASSAY wei, not 0; more than the free stake reverts with `StakeRegistry_FreeStakeTooLow`
    function requestUnstake(uint256 amount) external;

    /// @notice Turns the unbonding amount back into active stake.
    function cancelUnstake() external;

    /// @notice Pays out the unbonding amount once its time is over; before that it reverts with
    /// `StakeRegistry_StillUnbonding`.
    /// @return amount ASSAY wei paid: what slashes have left
    function withdraw() external returns (uint256 amount);

    /// @notice Reserves active stake and moves a fee from active stake to the slashed pot. One reservation for each
    /// account and id. Only Tasks for ids below 2⁶³, only the court for the others.
    /// @param account whose stake it is
    /// @param taskId the task, or an id of the court
    /// @param amount ASSAY wei to reserve
    /// @param fee ASSAY wei on top of it, may be 0
    function reserve(address account, uint64 taskId, uint256 amount, uint256 fee) external;

    /// @notice Adds to a reservation. Only Tasks for ids below 2⁶³, only the court for the others.
    /// @param account whose stake it is
    /// @param taskId the task, or an id of the court
    /// @param amount ASSAY wei to reserve on top
    /// @return total ASSAY wei reserved under the id now
    function reserveMore(address account, uint64 taskId, uint256 amount) external returns (uint256 total);

    /// @notice Ends a reservation. Only Tasks for ids below 2⁶³, only the court for the others.
    /// @param account whose stake it is
    /// @param taskId the task, or an id of the court
    /// @return amount ASSAY wei released: less than was reserved after a slash, 0 if nothing was reserved
    function release(address account, uint64 taskId) external returns (uint256 amount);

    /// @notice Slashes min(penalty, active + unbonding): unbonding stake first, then free, then reserved stake. Only
    /// Rounds and the court, for whom it never reverts: a reward above the cap is cut to it.
    ///
    /// The reward is counted, not sent, so that a slash calls nobody: the court pays it with `payReward`, to itself or to
    /// whom it owes it.
    /// @param account whose stake it is
    /// @param taskId the task of the fault, or an id of the court; only its reservation shrinks, by what is taken beyond
    /// unbonding and free stake
    /// @param penalty ASSAY wei
    /// @param reason why, a constant of `SlashReasons`, for the event
    /// @param rewardBps share of what is taken that becomes the reward, in bps, rounded down. Above 4,000 it counts as
    /// 4,000; from Rounds as 0. Of a stake that belongs to others too, the court gives 40 % of the offender's own share
    /// @return taken ASSAY wei slashed
    /// @return reward part of `taken` in the reward pot, in ASSAY wei; the rest is in the slashed pot
    function slash(
        address account,
        uint64 taskId,
        uint256 penalty,
        bytes32 reason,
        uint256 rewardBps
    ) external returns (uint256 taken, uint256 reward);

    /// @notice Pays from the reward pot. Only the court. Does nothing for 0 wei, so that a slash that found no stake
    /// stops nothing after it.
    /// @param to who receives it; may be the court itself
    /// @param amount ASSAY wei; more than is in the pot reverts with `StakeRegistry_RewardPotTooLow`
    function payReward(address to, uint256 amount) external;

    /// @notice Burns the slashed pot. Anyone. Reverts with `StakeRegistry_NothingSlashed` if it is empty.
    /// @return amount ASSAY wei burnt
    function burnSlashed() external returns (uint256 amount);

    /// @notice The stake of an account.
    /// @param account any
    /// @return its stake; all zero for an account that never staked
    function positionOf(address account) external view returns (Position memory);

    /// @notice Active stake reserved under an id.
    /// @param account whose stake it is
    /// @param taskId the task, or from 2⁶³ on an id of the court
    /// @return ASSAY wei; may exceed active stake after a slash
    function reservationOf(address account, uint64 taskId) external view returns (uint256);

    /// @notice Free stake: active stake that neither a task nor the court has reserved. It can be unstaked unless some stake is unbonding.
    /// @param account whose stake it is
    /// @return ASSAY wei
    function freeStakeOf(address account) external view returns (uint256);

    /// @notice Stake that was slashed or taken as a fee and is not burnt yet.
    /// @return ASSAY wei
    function slashedPot() external view returns (uint256);

    /// @notice Rewards that the court hasn't paid out yet.
    /// @return ASSAY wei
    function rewardPot() external view returns (uint256);

    /// @notice Time from the request to unstake to the withdrawal, fixed at deployment.
    /// @return seconds
    function unbondingSeconds() external view returns (uint256);

    /// @notice The token that is staked.
    /// @return address of ASSAY
    function token() external view returns (address);

    /// @notice The contract that may reserve and release under ids below 2⁶³.
    /// @return its address, zero before `connect`
    function tasks() external view returns (address);

    /// @notice The contract that slashes missed duties.
    /// @return its address, zero before `connect`
    function rounds() external view returns (address);

    /// @notice The contract that slashes what was proven, and reserves stake of jurors.
    /// @return its address; zero before `connect`, and after it in a deployment without a court
    function court() external view returns (address);
}
