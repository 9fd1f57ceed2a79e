using TorchSharp;
using TorchSharp.Modules;
using Unlearn.Transforms;
using Unlearn.Transforms.Numerics;
using Unlearn.Transforms.Torch;
using Unlearn.Transforms.Torch.Training;
using Unlearn.Transforms.Torch.Training.Steps;

namespace Unlearn.MLNet.Unlearners.Steps;

/// <summary>
/// One run of an unlearner that changes parameters: a copy of the target, and the methods that unlearners share to change it. All random draws come
/// from the request's seed. Tensors created during the run are disposed with it.
/// </summary>
internal sealed class UnlearningRun : IDisposable
{
    private readonly DisposeScope _scope;
    private readonly IReadOnlyList<Parameter> _original;
    private int _step;
    private bool _isFinished;

    /// <summary>Copies the target.</summary>
    /// <exception cref="ArgumentException">The target or the recipe is not a Torch one, or the rows do not fit them.</exception>
    public UnlearningRun(IUnlearner unlearner, UnlearningRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        (Target, Recipe) = request.Torch(unlearner.Name);
        Recipe.Check(request.Rows, request.Forget.ToArray());
        cancellationToken.ThrowIfCancellationRequested();
        Unlearner = unlearner.Name;
        CancellationToken = cancellationToken;
        Request = request;
        _scope = torch.NewDisposeScope();
        Model = Target.Clone();
        Parameters = [.. Model.Trainable.Select(parameter => parameter.Parameter)];
        _original = [.. Target.Trainable.Select(parameter => parameter.Parameter)];
        Retained = new(new(request.Retained, Recipe.BatchSize, request.Seed), positions => Read(positions, keepsStatistics: false));
    }

    /// <summary>Name of the unlearner.</summary>
    public string Unlearner { get; }

    public UnlearningRequest Request { get; }

    public CancellationToken CancellationToken { get; }

    public TorchRecipe Recipe { get; }

    /// <summary>The target, which does not change.</summary>
    public TorchTarget Target { get; }

    /// <summary>The copy that is changed.</summary>
    public TorchTarget Model { get; }

    /// <summary>The copy's parameters, but for the frozen ones.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>The rows to retain, in the batches and the order that fine-tuning takes them in.</summary>
    public RowBatches Retained { get; }

    /// <summary>Largest norm of a step's gradient over all parameters; longer gradients are clipped to it.</summary>
    public double MaximumGradientNorm { get; init; } = double.PositiveInfinity;

    /// <summary>
    /// For each parameter, a mask of the values that may change; the others keep the target's values. <see langword="null"/> if all may change.
    /// </summary>
    public IReadOnlyList<torch.Tensor>? Movable { get; set; }

    /// <summary>For each parameter, the factors of its gradient. <see langword="null"/> for no scaling.</summary>
    public IReadOnlyList<torch.Tensor>? GradientScales { get; set; }

    /// <summary>Share of the training's steps that are done, in [0, 1).</summary>
    public double Progress { get; private set; }

    /// <summary>The rows to forget, in batches of the recipe's size.</summary>
    public RowBatches Forgotten() => Forgotten(Recipe.BatchSize);

    /// <summary>Passes that fine-tune on the retained rows.</summary>
    public IEnumerable<Pass> FineTuning(int epochs) => new Pass(Retained, retained => retained.CrossEntropy()).Times(epochs);

    /// <summary>
    /// A pass over all rows. The rows to forget are spread over the steps, with at least one in each step. The loss of a step is a mean over rows of
    /// both kinds.
    /// </summary>
    /// <param name="forgottenRowWeight">Weight of a forgotten row in this mean; a retained row has weight 1.</param>
    /// <param name="retainedLoss">Mean loss of retained rows.</param>
    /// <param name="forgottenLoss">Mean loss of forgotten rows.</param>
    public Pass Mixed(double forgottenRowWeight, Func<RowBatch, torch.Tensor> retainedLoss, Func<RowBatch, torch.Tensor> forgottenLoss)
    {
        var perStep = ForgottenPerStep(Request.Forget.Count, Retained.Count);
        var retainWeight = Request.Retained.Count / (Request.Retained.Count + forgottenRowWeight * perStep * Retained.Count);
        return Balanced(retainWeight, Forgotten(perStep, keepsLoneRow: true), retainedLoss, forgottenLoss);
    }

    /// <summary>
    /// A pass over the retained rows. Each step also takes a batch of the rows to forget: α·loss(retained) + (1 − α)·loss(forgotten). A loss of
    /// weight 0 is not computed.
    /// </summary>
    /// <param name="retainWeight">α, between 0 and 1.</param>
    /// <param name="forgotten">The rows to forget, in batches.</param>
    /// <param name="retainedLoss">Loss of the retained rows.</param>
    /// <param name="forgottenLoss">Loss of the forgotten rows.</param>
    public Pass Balanced(double retainWeight, RowBatches forgotten, Func<RowBatch, torch.Tensor> retainedLoss, Func<RowBatch, torch.Tensor> forgottenLoss) =>
        new(Retained, retained => retainWeight switch
        {
            1 => retainedLoss(retained),
            0 => forgottenLoss(forgotten.Next()),
            _ => retainedLoss(retained).Mul(retainWeight).Add(forgottenLoss(forgotten.Next()).Mul(1 - retainWeight)),
        });

    /// <summary>A module of the target's architecture with freshly initialized parameters.</summary>
    public TorchTarget Untrained() =>
        TorchTarget.Untrained(Target.Architecture, Target.RequestedDevice, Seed.Derive(Request.Seed, "initialisation"), Target.Frozen);

    /// <summary>Positions of randomly drawn retained rows: the requested number, or all if there are fewer.</summary>
    public IReadOnlyList<int> SampleOfRetained(int count)
    {
        int[] sample = [.. Request.Retained];
        new SeededRandom(Seed.Derive(Request.Seed, "sample of the retained")).Shuffle<int>(sample);
        return sample[..Math.Min(count, sample.Length)];
    }

    /// <summary>Trains the copy with the recipe's optimizer, schedule and batches on losses of the unlearner's choice.</summary>
    /// <param name="relativeLearningRate">Learning rate as a multiple of the recipe's.</param>
    /// <param name="passes">The passes, in order.</param>
    /// <param name="maximumSteps">Largest number of steps; the training then ends even if passes are left.</param>
    /// <exception cref="TrainingDivergedException">A loss became NaN or infinite.</exception>
    public void Train(double relativeLearningRate, IEnumerable<Pass> passes, int maximumSteps = int.MaxValue)
    {
        var recipe = Recipe with { LearningRate = Recipe.LearningRate * relativeLearningRate };
        var steps = passes.SelectMany(pass => pass.Times(pass.Rows.Count)).Take(maximumSteps).ToList();
        using var grad = torch.enable_grad();
        using var dropout = new torch.Generator((ulong)Seed.Derive(Request.Seed, "dropout"));
        SeededDropout.Use(dropout);
        Model.SetTrainable(true);
        using var flat = new FlatParameters(Model.Module);
        using var optimizer = new RecipeOptimizer(recipe.Steps, flat.Flat);
        Model.Module.train();
        try
        {
            for (_step = 0; _step < steps.Count; _step++)
            {
                CancellationToken.ThrowIfCancellationRequested();
                Progress = _step / (double)steps.Count;
                Step(steps[_step], flat, optimizer, steps.Count);
                if (Request.AfterStep is null)
                    continue;
                Model.Module.eval();
                Request.ShowStep(_step + 1, Model);
                Model.Module.train();
            }
        }
        finally
        {
            Model.Module.eval();
            Model.SetTrainable(false);
            SeededDropout.Use(null);
        }
    }

    /// <summary>Mean gradient of the cross-entropy over rows, in evaluation mode: one tensor for each parameter of the copy.</summary>
    /// <exception cref="TrainingDivergedException">The gradient is NaN or infinite.</exception>
    public IReadOnlyList<torch.Tensor> Gradient(IReadOnlyList<int> positions)
    {
        using var grad = torch.enable_grad();
        torch.Tensor[] sums = [.. Parameters.Select(parameter => torch.zeros_like(parameter, requires_grad: false))];
        Model.SetTrainable(true);
        try
        {
            foreach (var chunk in positions.Chunk(Recipe.BatchSize))
            {
                CancellationToken.ThrowIfCancellationRequested();
                using var scope = torch.NewDisposeScope();
                var share = Read(chunk, keepsStatistics: true).CrossEntropy().Mul(chunk.Length / (double)positions.Count);
                var gradients = torch.autograd.grad([share], [.. Parameters], allow_unused: true);
                for (var i = 0; i < sums.Length; i++)
                {
                    if (!gradients[i].IsInvalid)
                        sums[i].AddInPlace(gradients[i]);
                }
            }
            if (!Array.TrueForAll(sums, sum => sum.isfinite().all().item<bool>()))
                throw new TrainingDivergedException($"{Unlearner} diverged: the model's gradient is not finite. {Remedy}");
            return sums;
        }
        finally
        {
            Model.SetTrainable(false);
        }
    }

    /// <summary>Reports to the step observer that a step without training is done.</summary>
    public void EndStep() => Request.ShowStep(++_step, Model);

    /// <summary>Returns the changed copy; the caller owns it.</summary>
    /// <exception cref="TrainingDivergedException">A parameter or buffer is NaN or infinite.</exception>
    public UnlearnedModel Finish()
    {
        if (_step == 0)
            Request.ShowStep(1, Model);
        if (FiniteState.FindOffender(Model.Module) is { } offender)
            throw new TrainingDivergedException($"{Unlearner} diverged: {offender} is no longer finite. {Remedy}");
        Model.Trace = null;
        _isFinished = true;
        return new(Model);
    }

    public void Dispose()
    {
        _scope.Dispose();
        if (!_isFinished)
            Model.Dispose();
    }

    /// <summary>Label from which the seed for the order of the forgotten rows is derived.</summary>
    internal const string ForgottenOrder = "forgotten";

    internal const string Remedy = "Lower its relative learning rate or the recipe's, or check the features' scale.";

    /// <summary>Number of rows to forget that join each batch of retained rows.</summary>
    internal static int ForgottenPerStep(int forget, int batches) => (forget + batches - 1) / batches;

    private RowBatches Forgotten(int batchSize, bool keepsLoneRow = false) =>
        new(new(Request.Forget, batchSize, Seed.Derive(Request.Seed, ForgottenOrder), keepsLoneRow), positions => Read(positions, keepsStatistics: true));

    private RowBatch Read(int[] positions, bool keepsStatistics)
    {
        if (positions.Length == 1 && !keepsStatistics)
            BatchStatistics.RefuseLoneRow(Model, Recipe.BatchSize);
        return new(Model, Request.Rows, positions, keepsStatistics);
    }

    private void Step(Pass pass, FlatParameters flat, RecipeOptimizer optimizer, int steps)
    {
        using var scope = torch.NewDisposeScope();
        var loss = pass.Loss(pass.Rows.Next());
        if (loss.item<float>() is var value && !float.IsFinite(value))
            throw new TrainingDivergedException(Invariant($"{Unlearner} diverged: the loss of step {_step + 1} is {value}. {Remedy}"));
        flat.ClearGradients();
        loss.backward();
        using var noGrad = torch.no_grad();
        for (var i = 0; i < GradientScales?.Count; i++)
            Parameters[i].grad?.mul_(GradientScales[i]);
        if (double.IsFinite(MaximumGradientNorm))
            torch.nn.utils.clip_grad_norm_(flat.Flat, MaximumGradientNorm);
        optimizer.Step(_step, steps);
        for (var i = 0; i < Movable?.Count; i++)
            Parameters[i].copy_(torch.where(Movable[i], Parameters[i], _original[i]));
    }
}
