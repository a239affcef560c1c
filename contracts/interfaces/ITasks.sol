// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Tasks: what is trained, what it pays, and the escrow that pays
/// @notice A task names its package by hash, its reward token, prices and limits, all fixed at creation; only the
/// held-out pool can change, a round ahead. Contributors enrol, validators join. Opening a round reserves the most that it can cost.
///
/// Safety: funded = paid + refunded + remaining, to the wei; only earnings of closed rounds and refunds of unreserved
/// money leave the escrow. Liveness: the owner can always close the task; an open round can always be paid.
interface ITasks {
    /// @notice The parameters of a task. A value out of bounds is refused with `Tasks_OutOfBounds`.
    /// @param specHash sha256 of the canonical task.json, not zero
    /// @param initialModelHash sha256 of the serialized initial state, not zero
    /// @param poolRoot Merkle root of the held-out pool that validators judge with, not zero; the owner can announce
    /// another one later
    /// @param programRoot commitment to the nodes of step.onnx, which every client derives from it and compares; zero
    /// for none, so that a jury decides whether a training step is false
    /// @param rewardToken ERC-20 that pays; it must transfer exact amounts
    /// @param priceCompute reward wei per compute unit
    /// @param priceData reward wei per data unit
    /// @param priceValidation reward wei per accurate entry
    /// @param computeUnitsPerRound C: assigned steps × units per step, at least 1
    /// @param dataUnitsLimit cap of D, 1…2²⁴
    /// @param stepsPerRound assigned steps, 1…1,000,000; every commitment names them
    /// @param windowsPerRound windows of a round (stepsPerRound / commitEvery), at least `replayWindows`; divides
    /// `stepsPerRound`
    /// @param replayWindows windows replayed of an audited update, 1…6
    /// @param slots most submissions of a round, 1…2,048
    /// @param committeeSize k seats a cohort, 3…15, odd
    /// @param minContributors enrolled contributors that a round needs to open, 1…2,048; those who enrolled in the block
    /// of the opening don't count
    /// @param maxRounds rounds that the task pays for, 1…1,000,000
    /// @param submitSeconds length of the submit phase; at least the deployment's `minPhaseSeconds`, like the next four
    /// @param openSeconds from the seal to the end of the open phase
    /// @param commitSeconds length of the commit phase, and of that of a redraw
    /// @param revealSeconds length of the reveal phase, and of that of a redraw
    /// @param aggregateSeconds length of the votes on aggregates, and of those on the next model after them; submit +
    /// open + 2 × (commit + reveal + aggregate) is at least 8 seconds and at most the deployment's limit
    /// @param challengeSeconds from the end of a round until it is final: at least 1 and at most the smallest of 4 ×
    /// (submit + open + commit + reveal), 7 × submit and the deployment's limit
    /// @param earlyBonusBps ε of round 1, 10,000…20,000
    /// @param earlyBonusRounds rounds over which ε falls to 1, may be 0
    /// @param enrolmentFee ASSAY wei taken at enrolment, to be burnt, 0.001…10⁹ ASSAY
    /// @param contributorStake ASSAY wei reserved for each contributor, 1…10⁹ ASSAY
    /// @param minValidatorStake least ASSAY wei reserved for each validator, 1…10⁹ ASSAY
    struct TaskParams {
        bytes32 specHash;
        bytes32 initialModelHash;
        bytes32 poolRoot;
        bytes32 programRoot;
        address rewardToken;
        uint96 priceCompute;
        uint96 priceData;
        uint96 priceValidation;
        uint32 computeUnitsPerRound;
        uint32 dataUnitsLimit;
        uint32 stepsPerRound;
        uint16 windowsPerRound;
        uint8 replayWindows;
        uint16 slots;
        uint8 committeeSize;
        uint16 minContributors;
        uint32 maxRounds;
        uint32 submitSeconds;
        uint32 openSeconds;
        uint32 commitSeconds;
        uint32 revealSeconds;
        uint32 aggregateSeconds;
        uint32 challengeSeconds;
        uint16 earlyBonusBps;
        uint16 earlyBonusRounds;
        uint96 enrolmentFee;
        uint96 contributorStake;
        uint96 minValidatorStake;
    }

    /// @notice The parameters that every case needs.
    /// @param contributorStake ASSAY wei
    /// @param minValidatorStake ASSAY wei
    /// @param challengeSeconds from the close of a round until it is final
    struct CaseTerms {
        uint96 contributorStake;
        uint96 minValidatorStake;
        uint32 challengeSeconds;
    }

    /// @notice Limits fixed at deployment, in seconds. The sum of all but the last is the longest time from the start
    /// of a round to a slash for it.
    /// @param maxRoundSeconds longest round of any task: submit + open + 2 commit + 2 reveal + 2 aggregate
    /// @param maxChallengeSeconds longest challenge window of any task
    /// @param verdictSeconds longest time from a challenge to its verdict
    /// @param executionSeconds longest time from a verdict to its slash
    /// @param marginSeconds safety margin; it covers the longest wait for a beacon, a day
    /// @param minPhaseSeconds shortest phase of any task: several blocks of the chain, so that nobody misses a duty
    /// because a block was skipped
    struct Timing {
        uint32 maxRoundSeconds;
        uint32 maxChallengeSeconds;
        uint32 verdictSeconds;
        uint32 executionSeconds;
        uint32 marginSeconds;
        uint32 minPhaseSeconds;
    }

    /// @notice The role of an account in a task. It has at most one.
    enum Role {
        None,
        Contributor,
        Validator
    }

    /// @notice The books of a task, in reward-token wei.
    /// @param available neither reserved nor owed
    /// @param reserved for the open round, and for credited or held pay that Rounds has not collected
    /// @param funded paid in since the task began
    /// @param refunded paid back to the owner since the task began
    struct Funds {
        uint256 available;
        uint256 reserved;
        uint256 funded;
        uint256 refunded;
    }

    /// @notice The contract that runs the rounds was set, for good.
    /// @param rounds the contract
    event Connected(address indexed rounds);
    /// @notice A task was created.
    /// @param taskId its number, from 1
    /// @param owner who created it
    /// @param specHash as in `params`, for readers that don't decode them
    /// @param params its parameters
    event TaskCreated(uint64 indexed taskId, address indexed owner, bytes32 specHash, TaskParams params);
    /// @notice A task was funded.
    /// @param taskId the task
    /// @param from who paid
    /// @param amount reward wei
    event TaskFunded(uint64 indexed taskId, address indexed from, uint256 amount);
    /// @notice No further round opens.
    /// @param taskId the task
    event TaskClosed(uint64 indexed taskId);
    /// @notice Money was refunded to the owner.
    /// @param taskId the task
    /// @param owner who received it
    /// @param amount reward wei
    event TaskRefunded(uint64 indexed taskId, address indexed owner, uint256 amount);
    /// @notice A contributor enrolled.
    /// @param taskId the task
    /// @param contributor who enrolled
    /// @param sampleRoot Merkle root of its salted samples
    /// @param dataUnits number of samples under the root; they count up to the task's limit
    event Enrolled(uint64 indexed taskId, address indexed contributor, bytes32 sampleRoot, uint32 dataUnits);
    /// @notice An account left the task. Its stake is free again.
    /// @param taskId the task
    /// @param account who left
    /// @param role it had
    /// @param released ASSAY wei that were still reserved
    event Left(uint64 indexed taskId, address indexed account, Role role, uint256 released);
    /// @notice A new pool was announced.
    /// @param taskId the task
    /// @param poolRoot its Merkle root
    /// @param firstRound the first round with it
    event PoolAnnounced(uint64 indexed taskId, bytes32 poolRoot, uint32 firstRound);
    /// @notice A validator joined: it bids for a place in the roster.
    /// @param taskId the task
    /// @param validator who joined
    /// @param amount ASSAY wei reserved
    /// @param encryptionKey that evidence is encrypted to
    event ValidatorJoined(uint64 indexed taskId, address indexed validator, uint256 amount, bytes encryptionKey);
    /// @notice A validator reserved more stake for its place, or for its bid for one.
    /// @param taskId the task
    /// @param validator whose stake it is
    /// @param amount ASSAY wei reserved on top
    /// @param total ASSAY wei reserved now
    event ValidatorStakeRaised(uint64 indexed taskId, address indexed validator, uint256 amount, uint256 total);
    /// @notice A validator gave up its bid or its place in the next roster.
    /// @param taskId the task
    /// @param validator who is not drawn from the next round on
    event ValidatorLeaving(uint64 indexed taskId, address indexed validator);
    /// @notice An account that came back committed to another data root or encryption key. The one before counted in
    /// rounds before `firstRound`.
    /// @param taskId the task
    /// @param account contributor or validator
    /// @param commitment data root or hash of a key, as it was before
    /// @param firstRound the first round that the new one counts in
    event CommitmentReplaced(uint64 indexed taskId, address indexed account, bytes32 commitment, uint32 firstRound);
    /// @notice Money was reserved for the round that opens.
    /// @param taskId the task
    /// @param amount reward wei
    event RoundReserved(uint64 indexed taskId, uint256 amount);
    /// @notice Reserved money became available again, because it isn't owed.
    /// @param taskId the task
    /// @param amount reward wei
    event RoundReleased(uint64 indexed taskId, uint256 amount);

    /// @notice Only the deployer may call this.
    /// @param caller who called
    /// @param deployer who may
    error Tasks_OnlyDeployer(address caller, address deployer);
    /// @notice The contract is connected already, for good.
    /// @param rounds the connected Rounds
    error Tasks_AlreadyConnected(address rounds);
    /// @notice The deployment isn't finished: `connect` comes before the first task.
    error Tasks_NotConnected();
    /// @notice The address has no code of its own. A wallet that delegates to code doesn't count as a contract.
    /// @param account the address
    error Tasks_NotAContract(address account);
    /// @notice Stake could leave before a slash for its fault: unbonding must take longer than the longest case.
    /// @param unbondingSeconds the registry's, in seconds
    /// @param longestCaseSeconds round + challenge + verdict + execution + margin, in seconds
    error Tasks_UnbondingTooShort(uint256 unbondingSeconds, uint256 longestCaseSeconds);
    /// @notice Only the connected Rounds may use reserved money.
    /// @param caller who called
    /// @param rounds who may; zero before `connect`
    error Tasks_OnlyRounds(address caller, address rounds);
    /// @notice There is no task with this number; tasks count from 1.
    /// @param taskId that was asked for
    error Tasks_UnknownTask(uint64 taskId);
    /// @notice Only the owner of the task may close it.
    /// @param taskId the task
    /// @param caller who called
    /// @param owner who may
    error Tasks_OnlyOwner(uint64 taskId, address caller, address owner);
    /// @notice The task is closed: it takes no money, nobody may enrol or join, and no round opens.
    /// @param taskId the task
    error Tasks_Closed(uint64 taskId);
    /// @notice Only a closed task refunds.
    /// @param taskId the task
    error Tasks_NotClosed(uint64 taskId);
    /// @notice A parameter is out of bounds.
    /// @param parameter its name
    /// @param value given, in its unit
    /// @param minimum least
    /// @param maximum most
    error Tasks_OutOfBounds(string parameter, uint256 value, uint256 minimum, uint256 maximum);
    /// @notice A hash or root is zero.
    /// @param parameter its name
    error Tasks_ZeroHash(string parameter);
    /// @notice The amount is zero.
    error Tasks_ZeroAmount();
    /// @notice The funding of the task would exceed its limit.
    /// @param total reward wei including the new amount
    /// @param maximum reward wei, 2⁸⁰ − 1
    error Tasks_FundingTooLarge(uint256 total, uint256 maximum);
    /// @notice The token moved another amount than asked: it takes a fee or rebases.
    /// @param token the reward token
    /// @param asked wei of it to be moved
    /// @param received wei of it that arrived
    error Tasks_InexactTransfer(address token, uint256 asked, uint256 received);
    /// @notice The balance of the token fell below the books: it rebases or confiscates.
    /// @param token the reward token
    /// @param balance wei of it that this contract has
    /// @param booked wei of it that all tasks together should have
    error Tasks_BalanceBelowBooks(address token, uint256 balance, uint256 booked);
    /// @notice The escrow has less than needed: fund the task.
    /// @param taskId the task
    /// @param needed reward wei
    /// @param available reward wei
    error Tasks_FundsTooLow(uint64 taskId, uint256 needed, uint256 available);
    /// @notice The account has a role in the task already: leave first.
    /// @param taskId the task
    /// @param account the account
    /// @param role its role
    error Tasks_HasRole(uint64 taskId, address account, Role role);
    /// @notice The account does not have the role that the call needs.
    /// @param taskId the task
    /// @param account the account
    /// @param needed the role
    error Tasks_LacksRole(uint64 taskId, address account, Role needed);
    /// @notice A validator must reserve at least the task's minimum.
    /// @param amount ASSAY wei offered
    /// @param minimum ASSAY wei
    error Tasks_StakeTooLow(uint256 amount, uint256 minimum);
    /// @notice The length of the encryption key is out of bounds.
    /// @param length bytes given
    /// @param minimum least bytes
    /// @param maximum most bytes
    error Tasks_EncryptionKeyLength(uint256 length, uint256 minimum, uint256 maximum);
    /// @notice No money is available now; there may be some after the open round.
    /// @param taskId the task
    error Tasks_NothingToRefund(uint64 taskId);

    /// @notice Sets the contract that runs the rounds. Only the deployer, and only once.
    /// @param rounds a contract
    function connect(address rounds) external;

    /// @notice Creates a task that belongs to the caller. Its parameters never change; `fund` adds money.
    /// @param params see {TaskParams}; the most that a round can cost must be 1…2⁸⁰ − 1 reward wei
    /// @return taskId its number, from 1
    function createTask(TaskParams calldata params) external returns (uint64 taskId);

    /// @notice Moves reward tokens that the caller has approved to the escrow. Anyone. A token that takes a fee, or
    /// that took away some of the balance here, is refused.
    /// @param taskId a task that is not closed
    /// @param amount reward wei, not 0
    function fund(uint64 taskId, uint256 amount) external;

    /// @notice Closes the task: no further round opens, and money that isn't reserved is refunded at once. Only the
    /// owner.
    /// @param taskId a task that is not closed
    function close(uint64 taskId) external;

    /// @notice Refunds the owner of a closed task what is available by now. Anyone.
    /// @param taskId a closed task
    /// @return amount reward wei paid, not 0
    function refund(uint64 taskId) external returns (uint256 amount);

    /// @notice Announces a new pool, because the old one leaked or is worn out. Validators must be ready for it to count
    /// from the round after the next one on; contributors who leave before they submit to a round with it lose no held
    /// pay. One pool is announced at a time; once the round before its first one has opened, another may take its place:
    /// see {IRoundsTasks.announcePool}. Only the owner.
    /// @param taskId a task that is not closed
    /// @param poolRoot its Merkle root, not zero
    function announcePool(uint64 taskId, bytes32 poolRoot) external;

    /// @notice Enrols the caller: reserves the task's `contributorStake`, takes its `enrolmentFee` and commits to the
    /// caller's data. Reverts with `StakeRegistry_FreeStakeTooLow` if there is too little free stake, and with
    /// `Rounds_AllRoundsDone` if the task's last round has opened. The enrolment counts from the next round on that opens
    /// in a later block.
    /// @param taskId a task that is not closed, in which the caller has no role
    /// @param sampleRoot Merkle root of the salted samples, not zero
    /// @param dataUnits number of samples under the root, 1…2²⁴; more than the task's limit don't count, but the data
    /// root and the event have all of them
    function enrol(uint64 taskId, bytes32 sampleRoot, uint32 dataUnits) external;

    /// @notice Ends the enrolment of the caller once the first round that counted it and its last round are final;
    /// before that it reverts with `Rounds_NotFinal`. If no round counts the enrolment, it ends when the task is closed
    /// or a whole round would be over; before that it reverts with `Rounds_EnrolmentBound`. What is held of its pay is
    /// released or cancelled, see {IRoundsHeldPay.releasableOf}; if less than `minReleased` would be released, the call
    /// reverts with `Rounds_ReleaseTooLow`.
    /// @param taskId the task
    /// @param minReleased the least reward wei of held pay that the caller accepts, 0 if it accepts to lose all of it
    function leaveTask(uint64 taskId, uint256 minReleased) external;

    /// @notice Joins as a validator: reserves stake and bids for a place in the roster. The bid counts once the validator
    /// has called {IRoundsMembers.ready}, from the round after the next one on; before the task's first round from that
    /// one on if it opens in a later block. If all 64 places are taken, an opening replaces the smallest of them by
    /// larger bids, at most four. A bid that is larger than none reverts with `Rounds_RosterFull`. Before the task's last
    /// round a bid counts only where too few validators are left; after its opening it reverts with
    /// `Rounds_AllRoundsDone`.
    /// @param taskId a task that is not closed, in which the caller has no role
    /// @param amount ASSAY wei to reserve, at least `minValidatorStake`; from four times that on more has no more weight
    /// @param encryptionKey 32…2,048 bytes; its hash is stored, the event has all of it
    function joinValidators(uint64 taskId, uint256 amount, bytes calldata encryptionKey) external;

    /// @notice Reserves more stake for the caller's place, so that a larger bid doesn't take it: it counts at the next
    /// opening. Without a place in the roster the raised bid counts as a new one. Reverts with
    /// `StakeRegistry_FreeStakeTooLow` if there is too little free stake, and with `Rounds_NotInRoster` if the caller has
    /// left.
    /// @param taskId a task that is not closed, in which the caller is a validator
    /// @param amount ASSAY wei to reserve on top, not 0
    function raiseValidatorStake(uint64 taskId, uint256 amount) external;

    /// @notice Gives up the caller's bid or, from the next round on, its place. A bid that isn't ready ends at once. A
    /// place taken from another validator, and a candidate's bid, must be kept for a while: `Rounds_PlaceBound`. If
    /// nothing can draw the validator any more and its last round is final, its stake is released at once, too.
    /// @param taskId the task
    function leaveValidators(uint64 taskId) external;

    /// @notice Releases a validator's stake once it can't be drawn any more (before that: `Rounds_StillDrawn`) and its
    /// last round is final (before that: `Rounds_NotFinal`). Anyone.
    /// @param taskId the task
    /// @param validator who left or was removed
    function releaseValidator(uint64 taskId, address validator) external;

    /// @notice Reserves the most that the next round can cost. Only Rounds.
    /// @param taskId a task that is not closed
    /// @return amount reward wei, {largestRoundCost}
    function reserveRound(uint64 taskId) external returns (uint256 amount);

    /// @notice Ends a round: money that isn't owed becomes available again. Only Rounds.
    /// @param taskId the task
    /// @param roundReserve reward wei that reserveRound returned, 0 between rounds
    /// @param liability reward wei credited and held since the task began, paid or not
    function closeRound(uint64 taskId, uint256 roundReserve, uint256 liability) external;

    /// @notice Pays out what closed rounds credited. Only Rounds, which pays claims from it and emits `Collected`.
    /// @param taskId the task
    /// @param to who receives it
    /// @param amount reward wei, at most what is reserved
    function payOut(uint64 taskId, address to, uint256 amount) external;

    /// @notice Takes back forfeited pay of a task, as money that no round owes: the next {closeRound} releases it. Only
    /// Rounds, which has approved it.
    /// @param taskId the task
    /// @param amount reward wei
    function takeBack(uint64 taskId, uint256 amount) external;

    /// @notice The parameters of a task.
    /// @param taskId the task; here and below, reverts with `Tasks_UnknownTask` if it doesn't exist
    /// @return its parameters
    function paramsOf(uint64 taskId) external view returns (TaskParams memory);

    /// @notice What every case needs of a task's parameters: two slots instead of all.
    /// @param taskId the task
    /// @return the terms, all zero if the task doesn't exist
    function caseTermsOf(uint64 taskId) external view returns (CaseTerms memory);

    /// @notice How much of a task's work belongs together.
    /// @param taskId the task
    /// @return windowsPerRound of a contributor's training, 0 if the task doesn't exist
    /// @return committeeSize seats, 0 if the task doesn't exist
    function shapeOf(uint64 taskId) external view returns (uint256 windowsPerRound, uint256 committeeSize);

    /// @notice The owner of a task: its creator, who gets back what it doesn't spend.
    /// @param taskId the task
    /// @return its owner
    function ownerOf(uint64 taskId) external view returns (address);

    /// @notice Whether a task is closed.
    /// @param taskId the task
    /// @return true if so
    function isClosed(uint64 taskId) external view returns (bool);

    /// @notice The books of a task: paid = funded − refunded − available − reserved.
    /// @param taskId the task
    /// @return amounts in reward wei
    function fundsOf(uint64 taskId) external view returns (Funds memory);

    /// @notice The role of an account in a task.
    /// @param taskId the task, which may not exist
    /// @param account any
    /// @return None if it has none
    function roleOf(uint64 taskId, address account) external view returns (Role);

    /// @notice What an enrolled contributor committed to: keccak256(abi.encode(sampleRoot, dataUnits)), with the Merkle
    /// root and the full number of its samples.
    /// @param taskId the task, which may not exist
    /// @param contributor any account
    /// @return the data root, zero if the account isn't a contributor
    function dataRootOf(uint64 taskId, address contributor) external view returns (bytes32);

    /// @notice keccak256 of the key that evidence for a validator is encrypted to.
    /// @param taskId the task, which may not exist
    /// @param validator any account
    /// @return the hash, zero if the account isn't a validator
    function encryptionKeyHashOf(uint64 taskId, address validator) external view returns (bytes32);

    /// @notice What an account committed to in a task, in either role: its data root, or the hash of its encryption key.
    /// Leaving doesn't delete it.
    /// @param taskId the task
    /// @param account any
    /// @return latest the one that counts since the last entry of the chain, 0 if it never took part
    /// @return former hash chain of those before it: `RoundRecords.replaced` with each event `CommitmentReplaced`,
    /// starting from 0
    function commitmentsOf(uint64 taskId, address account) external view returns (bytes32 latest, bytes32 former);

    /// @notice What is reserved when a round opens: the most that it can cost.
    /// @param taskId the task
    /// @return reward wei
    function largestRoundCost(uint64 taskId) external view returns (uint256);

    /// @notice Number of tasks so far, also the number of the last one.
    /// @return from 0
    function taskCount() external view returns (uint64);

    /// @notice What all tasks that pay in a token have by the books. The balance is at least that, unless the token
    /// took some away.
    /// @param rewardToken any token
    /// @return its wei
    function bookedOf(address rewardToken) external view returns (uint256);

    /// @notice The limits fixed at deployment.
    /// @return all in seconds
    function timing() external view returns (Timing memory);

    /// @notice The contract that holds the stakes.
    /// @return its address
    function registry() external view returns (address);

    /// @notice The contract that runs the rounds.
    /// @return its address, zero before `connect`
    function rounds() external view returns (address);
}
