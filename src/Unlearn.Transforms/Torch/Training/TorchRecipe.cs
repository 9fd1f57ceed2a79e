using System.Globalization;
using TorchSharp;
using Unlearn.Transforms.Rows;
using Unlearn.Transforms.Runtime;
using Unlearn.Transforms.Torch.Training;
using Unlearn.Transforms.Torch.Training.Stacked;
using Unlearn.Transforms.Torch.Training.Steps;

namespace Unlearn.Transforms;

/// <summary>How to train a Torch module from rows and a seed, by minimizing the mean cross-entropy over shuffled batches.</summary>
/// <param name="Architecture">The module's architecture.</param>
public sealed record TorchRecipe(TorchArchitecture Architecture) : ITrainingRecipe
{
    /// <summary>Passes over the rows, from 1.</summary>
    /// <value>Default 12.</value>
    public int Epochs { get; init; } = 12;

    /// <summary>
    /// Rows per step, from 1; with batch normalization from 2. If one row is left at the end of a pass, it joins the step before, since batch
    /// normalization needs several rows.
    /// </summary>
    /// <value>Default 64.</value>
    public int BatchSize { get; init; } = 64;

    /// <summary>The optimizer.</summary>
    /// <value>Default <see cref="OptimizerKind.Sgd"/>.</value>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Sgd;

    /// <summary>Learning rate at the first step, above 0.</summary>
    /// <value>Default 0.05.</value>
    public double LearningRate { get; init; } = 0.05;

    /// <summary>How the learning rate changes over the training.</summary>
    /// <value>Default <see cref="LearningRateSchedule.Cosine"/>.</value>
    public LearningRateSchedule Schedule { get; init; } = LearningRateSchedule.Cosine;

    /// <summary>Momentum of <see cref="OptimizerKind.Sgd"/>, in [0, 1).</summary>
    /// <value>Default 0.9.</value>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Weight decay, from 0.</summary>
    /// <value>Default 5e-4.</value>
    public double WeightDecay { get; init; } = 5e-4;

    /// <summary>
    /// Number of models that <see cref="TrainMany"/> and unlearners train at once, from 1. Small networks train several times faster in stacks of 8
    /// to 64.
    /// </summary>
    /// <value>Default 1: one model after another.</value>
    public int Stack { get; init; } = 1;

    /// <summary>Where to train.</summary>
    /// <value>Default <see cref="TorchDevice.Auto"/>.</value>
    public TorchDevice Device { get; init; }

    /// <inheritdoc/>
    public string Specification => Invariant(
        $"torch/1 {Architecture.Specification} {Optimizer} lr={LearningRate:R} {Schedule} momentum={Momentum:R} decay={WeightDecay:R} epochs={Epochs} ")
        + Invariant($"batch={BatchSize} device={Device.Resolve().type}{(Stack > 1 ? $" stack={Stack}" : "")}");

    /// <summary>Trains a target; see <see cref="ITrainingRecipe.Train"/>.</summary>
    /// <inheritdoc cref="ITrainingRecipe.Train"/>
    public TorchTarget Train(
        TrainingRows rows,
        ReadOnlyMemory<int> positions,
        long seed,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        TrainFromSeed(rows, positions, seed, checkpoints: 0, progress, cancellationToken);

    /// <summary>
    /// Trains the same target as <see cref="Train"/>, bit for bit. It also records the gradients of every row in the target's trace,
    /// as <see cref="TrainingTrace.SquaredGradientNorms"/> and <see cref="TrainingTrace.InputGradientVariances"/>, for the factors
    /// <c>TraceGradientNorm</c> and <c>GradientVariance</c>.
    /// </summary>
    /// <param name="rows">The rows; they are shared, never changed or copied.</param>
    /// <param name="positions">Positions of the rows to train on.</param>
    /// <param name="seed">Seed of initialization, order and every other random draw.</param>
    /// <param name="checkpoints">
    /// Number of checkpoints, at least 2: gradients are recorded at the end of this many epochs, spread evenly up to the last epoch. With fewer
    /// epochs, every epoch is a checkpoint. Each checkpoint takes one forward pass and two backward passes over the rows. During training, all
    /// checkpoints together need 2 floats of memory per feature value of every row.
    /// </param>
    /// <param name="progress">Gets a report after every epoch; may be <see langword="null"/>.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    /// <exception cref="ArgumentException">The rows do not fit the recipe, or the recipe has a single epoch.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 2 checkpoints.</exception>
    /// <exception cref="TrainingDivergedException">The loss became NaN or infinite.</exception>
    public TorchTarget TrainWithGradientTrace(
        TrainingRows rows,
        ReadOnlyMemory<int> positions,
        long seed,
        int checkpoints = 10,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(checkpoints, 2);
        if (Epochs == 1)
            throw new ArgumentException($"A gradient trace needs at least 2 epochs, but {nameof(Epochs)} is 1: train for 2, or without the trace's factors.");
        return TrainFromSeed(rows, positions, seed, Math.Min(checkpoints, Epochs), progress, cancellationToken);
    }

    /// <summary>Continues to train a copy of a target with this recipe's epochs, batches and learning rate, and with a fresh optimizer.</summary>
    /// <param name="target">The target to start from; it does not change.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="positions">Positions of the rows to train on.</param>
    /// <param name="seed">Seed of the order and of every other random draw.</param>
    /// <param name="progress">Gets a report after every epoch; may be <see langword="null"/>.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    /// <exception cref="ArgumentException">The rows do not fit the recipe.</exception>
    /// <exception cref="TrainingDivergedException">The loss became NaN or infinite.</exception>
    public TorchTarget Continue(
        TorchTarget target,
        TrainingRows rows,
        ReadOnlyMemory<int> positions,
        long seed,
        IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        Check(rows, positions);
        ClassOrder.CheckSame(target.ClassNames, rows, nameof(rows));
        return EarlyCollection.Retry(() => TrainOrDispose(target.Clone(), rows, positions, seed, checkpoints: 0, progress, cancellationToken));
    }

    /// <summary>
    /// Trains several targets. On the CPU, up to <see cref="Stack"/> targets are trained at once as one stacked model. This works if the architecture
    /// is a plain sequence of linear, convolution, ReLU and <see cref="TokenAverage"/> layers, none of them frozen. The parameters equal the
    /// parameters from <see cref="Train"/>, up to rounding.
    /// </summary>
    /// <param name="rows">The rows; they are shared, never changed or copied.</param>
    /// <param name="trainings">For each target, the positions of the rows to train on and the seed.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    /// <returns>The targets, in order. Stacked targets have no traces.</returns>
    /// <exception cref="ArgumentException">The rows do not fit the recipe.</exception>
    /// <exception cref="TrainingDivergedException">The loss of a model became NaN or infinite.</exception>
    public IReadOnlyList<TorchTarget> TrainMany(TrainingRows rows, IReadOnlyList<TrainingSpec> trainings, CancellationToken cancellationToken = default)
    {
        var (targets, diverged) = TrainAll(rows, trainings, starts: null, cancellationToken);
        if (Array.Find(diverged, failure => failure is not null) is not { } failure)
            return targets;
        foreach (var target in targets)
            target.Dispose();
        throw failure;
    }

    /// <summary>Like <see cref="TrainMany"/>, but returns for each target the exception if it diverged, or <see langword="null"/> if it did not.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="trainings">For each target, the rows to train on and the seed.</param>
    /// <param name="starts">
    /// For each target, the model to start from, as in <see cref="Continue"/>; these models do not change. <see langword="null"/> to start from the
    /// seeds.
    /// </param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    /// <param name="places">
    /// Number of row places in a stacked step. A fixed number makes rounding independent of the other models' rows. <see langword="null"/> for the
    /// size of the largest batch.
    /// </param>
    internal (IReadOnlyList<TorchTarget> Targets, TrainingDivergedException?[] Diverged) TrainAll(
        TrainingRows rows, IReadOnlyList<TrainingSpec> trainings, IReadOnlyList<TorchTarget>? starts, CancellationToken cancellationToken, int? places = null)
    {
        ArgumentNullException.ThrowIfNull(trainings);
        foreach (var training in trainings)
            Check(rows, training.Positions);
        List<TorchTarget> targets = [];
        List<TrainingDivergedException?> diverged = [];
        try
        {
            foreach (var group in trainings.Select((training, i) => (training, starts?[i])).Chunk(Stack))
                foreach (var (target, failure) in EarlyCollection.Retry(() => TrainGroup(rows, group, places, cancellationToken)))
                {
                    targets.Add(target);
                    diverged.Add(failure);
                }
            return (targets, [.. diverged]);
        }
        catch
        {
            targets.ForEach(target => target.Dispose());
            throw;
        }
    }

    private List<(TorchTarget Target, TrainingDivergedException? Diverged)> TrainGroup(
        TrainingRows rows, (TrainingSpec Training, TorchTarget? Start)[] group, int? places, CancellationToken cancellationToken)
    {
        List<TorchTarget> targets = [];
        try
        {
            foreach (var (training, start) in group)
                targets.Add(start?.Clone() ?? TorchTarget.Untrained(Architecture, Device, Seed.Derive(training.Seed, "initialisation")));
            targets.ForEach(target => (target.Trace, target.ClassNames) = (null, rows.ClassNames ?? target.ClassNames));
            if (Stacks(targets[0]))
                return [.. targets.Zip(StackedTraining.Run(Steps, targets, rows, Array.ConvertAll(group, pair => pair.Training), places, cancellationToken))];
            foreach (var (target, (training, _)) in targets.Zip(group))
                target.Trace = TrainingLoop.Run(this, target, rows, training.Positions.ToArray(), training.Seed, checkpoints: 0, null, cancellationToken);
            return [.. targets.Select(target => (target, (TrainingDivergedException?)null))];
        }
        catch
        {
            targets.ForEach(target => target.Dispose());
            throw;
        }
    }

    /// <summary>Whether models like this target are stacked.</summary>
    internal bool Stacks(TorchTarget target) => Stack > 1 && target.Device.type == DeviceType.CPU && StackedModule.Refusal(target) is null
        && target.Module.parameters().All(parameter => parameter.numel() <= RecipeOptimizer.LargestParameter / Stack);

    /// <summary>The settings that optimizer steps depend on.</summary>
    internal StepSettings Steps => new()
    {
        Epochs = Epochs,
        BatchSize = BatchSize,
        Optimizer = Optimizer,
        LearningRate = LearningRate,
        Schedule = Schedule,
        Momentum = Momentum,
        WeightDecay = WeightDecay,
    };

    ITarget ITrainingRecipe.Train(
        TrainingRows rows, ReadOnlyMemory<int> positions, long seed, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken) =>
        Train(rows, positions, seed, progress, cancellationToken);

    private TorchTarget TrainFromSeed(
        TrainingRows rows,
        ReadOnlyMemory<int> positions,
        long seed,
        int checkpoints,
        IProgress<TrainingProgress>? progress,
        CancellationToken cancellationToken)
    {
        Check(rows, positions);
        return EarlyCollection.Retry(() => TrainOrDispose(
            TorchTarget.Untrained(Architecture, Device, Seed.Derive(seed, "initialisation")), rows, positions, seed, checkpoints, progress, cancellationToken));
    }

    private TorchTarget TrainOrDispose(
        TorchTarget target,
        TrainingRows rows,
        ReadOnlyMemory<int> positions,
        long seed,
        int checkpoints,
        IProgress<TrainingProgress>? progress,
        CancellationToken cancellationToken)
    {
        try
        {
            target.Trace = TrainingLoop.Run(this, target, rows, positions.ToArray(), seed, checkpoints, progress, cancellationToken);
            target.ClassNames = rows.ClassNames ?? target.ClassNames;
            return target;
        }
        catch
        {
            target.Dispose();
            throw;
        }
    }

    internal void Check(TrainingRows rows, ReadOnlyMemory<int> positions)
    {
        ArgumentNullException.ThrowIfNull(rows);
        Positive(Epochs, nameof(Epochs));
        Positive(BatchSize, nameof(BatchSize));
        Positive(Stack, nameof(Stack));
        if (!(LearningRate > 0) || !double.IsFinite(LearningRate))
            throw new ArgumentException($"{nameof(LearningRate)} must be positive and finite, got {LearningRate.ToString(CultureInfo.InvariantCulture)}.");
        if (!(Momentum is >= 0 and < 1))
            throw new ArgumentException(Invariant($"{nameof(Momentum)} must be from 0 to below 1, got {Momentum}."));
        if (!(WeightDecay >= 0) || !double.IsFinite(WeightDecay))
            throw new ArgumentException(Invariant($"{nameof(WeightDecay)} must be finite and at least 0, got {WeightDecay}."));
        if (!Enum.IsDefined(Optimizer) || !Enum.IsDefined(Schedule))
            throw new ArgumentException($"{nameof(Optimizer)} {Optimizer} or {nameof(Schedule)} {Schedule} does not exist: take one of "
                + $"{string.Join(", ", Enum.GetNames<OptimizerKind>())}, and one of {string.Join(", ", Enum.GetNames<LearningRateSchedule>())}.");
        rows.CheckPositions(positions.Span);
        if (rows.AreTexts)
            throw new ArgumentException(
                "The rows are texts, which a Torch module cannot read: make features or token ids of them in front of it.", nameof(rows));
        if (rows.FeatureCount != Architecture.FeatureCount)
            throw new ArgumentException(
                $"The rows have {rows.FeatureCount} features, but architecture '{Architecture.Name}' takes {Architecture.FeatureCount}.", nameof(rows));
        if (rows.ClassCount != Architecture.ClassCount)
            throw new ArgumentException($"The rows have {rows.ClassCount} classes, but architecture '{Architecture.Name}' has {Architecture.ClassCount} "
                + "outputs: make it with one output for each class of the label column.", nameof(rows));
        foreach (var row in positions.Span)
            if (row >= 0 && row < rows.Count && Architecture.FindFlaw(rows.FeaturesAt(row)) is { } flaw)
                throw new ArgumentException($"Row '{rows.Ids[row]}' has {flaw}: "
                    + "make the architecture for the vocabulary that the rows were read with.", nameof(rows));

        static void Positive(int value, string name)
        {
            if (value < 1)
                throw new ArgumentException($"{name} must be at least 1, got {value}.");
        }
    }
}
