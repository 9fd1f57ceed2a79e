using System.Numerics.Tensors;
using TorchSharp;
using Unlearn.Transforms;
using Unlearn.Transforms.Torch;
using Unlearn.Transforms.Torch.Training.Stacked;

namespace Unlearn.MLNet.Unlearners.Steps;

/// <summary>
/// The training of <see cref="UnlearningRun"/> for several requests at once, on stacked copies of the target. The loss of a step must be a weighted sum of
/// the rows' cross-entropies. Each model takes the same rows in the same order as it would alone.
/// </summary>
internal static class StackedUnlearning
{
    /// <summary>The recipe's stack size if models like the target can be stacked, else 1.</summary>
    public static int BatchSize(ITarget target, ITrainingRecipe recipe) =>
        target is TorchTarget torchTarget && recipe is TorchRecipe torchRecipe && torchRecipe.Stacks(torchTarget) ? torchRecipe.Stack : 1;

    /// <summary>Checks that requests can be served together.</summary>
    /// <exception cref="ArgumentException">There is no request, or the requests differ in more than forgotten rows and seed.</exception>
    public static (TorchTarget Target, TorchRecipe Recipe) Check(string unlearner, IReadOnlyList<UnlearningRequest> requests)
    {
        ArgumentNullException.ThrowIfNull(requests);
        if (requests.Count == 0)
            throw new ArgumentException("The batch is empty: name at least one request.", nameof(requests));
        foreach (var request in requests)
        {
            if (!ReferenceEquals(request.Target, requests[0].Target)
                || !request.Recipe.Equals(requests[0].Recipe)
                || !ReferenceEquals(request.Rows, requests[0].Rows))
                throw new ArgumentException(
                    $"The requests of a batch of {unlearner} have different targets, recipes or rows: serve them in batches of one each.", nameof(requests));
            if (request.Forget.Count != requests[0].Forget.Count)
                throw new ArgumentException($"The requests of a batch of {unlearner} forget {requests[0].Forget.Count} and {request.Forget.Count} rows: "
                    + "serve them in batches of as many rows.", nameof(requests));
        }
        return (requests[0].Target, requests[0].Recipe) is (TorchTarget target, TorchRecipe recipe)
            ? (target, recipe)
            : throw new ArgumentException(
                $"{unlearner} serves several requests at once for Torch's modules alone, but the target is a {requests[0].Target.GetType().Name} trained by a "
                + $"{requests[0].Recipe.GetType().Name}: serve them one by one.", nameof(requests));
    }

    /// <summary>Trains.</summary>
    /// <param name="unlearner">The unlearner.</param>
    /// <param name="requests">The requests.</param>
    /// <param name="relativeLearningRate">Learning rate as a multiple of the recipe's.</param>
    /// <param name="maximumGradientNorm">Largest norm of a model's gradient in a step; longer gradients are clipped to it.</param>
    /// <param name="stepsOf">The rows of each step and the weights of their losses. Each request has the same number of steps.</param>
    /// <param name="cancellationToken">Stops between two steps.</param>
    public static UnlearnedBatch Run(
        IUnlearner unlearner, IReadOnlyList<UnlearningRequest> requests, double relativeLearningRate, double maximumGradientNorm,
        Func<UnlearningRequest, IEnumerable<WeightedRow[]>> stepsOf, CancellationToken cancellationToken)
    {
        var (target, recipe) = Check(unlearner.Name, requests);
        recipe.Check(requests[0].Rows, requests[0].Forget.ToArray());
        if (StackedModule.Refusal(target) is { } refusal)
            throw new ArgumentException($"{unlearner.Name} cannot serve several requests at once, since {refusal}: serve them one by one.", nameof(requests));
        var stack = StackedModule.Create([.. Enumerable.Repeat(target.Module, requests.Count)], target.Architecture.InputShape);
        try
        {
            using var scope = torch.NewDisposeScope();
            var losses = Train(stack, recipe with { LearningRate = recipe.LearningRate * relativeLearningRate }, requests, maximumGradientNorm,
                [.. requests.Select(request => stepsOf(request).ToArray())], cancellationToken);
            var isFinite = stack.AreFinite();
            return new(requests.Count, index => isFinite[index] && float.IsFinite(losses[index]) ? new(stack.ToTarget(index, target)) : throw Diverged(index),
                stack.Dispose);

            TrainingDivergedException Diverged(int index)
            {
                if (!float.IsFinite(losses[index]))
                    return new(Invariant($"{unlearner.Name} diverged: the sum of its losses is {losses[index]}. {UnlearningRun.Remedy}"));
                using var model = stack.ToTarget(index, target);
                return new($"{unlearner.Name} diverged: {FiniteState.FindOffender(model.Module)} is no longer finite. {UnlearningRun.Remedy}");
            }
        }
        catch
        {
            stack.Dispose();
            throw;
        }
    }

    private static float[] Train(
        StackedModule stack, TorchRecipe recipe, IReadOnlyList<UnlearningRequest> requests, double maximumGradientNorm, WeightedRow[][][] steps,
        CancellationToken cancellationToken)
    {
        using var stepper = new StackedSteps(recipe.Steps, stack, requests[0].Rows) { MaximumGradientNorm = maximumGradientNorm };
        var each = requests[0].Forget.Count;
        var forgotten = torch.tensor(Rows([.. requests.Select(request => WeightedRow.Mean([.. request.Forget], 1).ToArray())]).Index, [stack.Count, each]);
        var losses = new float[stack.Count];
        var rates = new float[stack.Count];
        var count = steps[0].Length;
        for (var step = 0; step < count; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (index, weights) = Rows([.. steps.Select(ofModel => ofModel[step])]);
            Array.Fill(rates, (float)recipe.Steps.LearningRateAt(step, count));
            TensorPrimitives.Add(losses, stepper.Step(index, weights, rates), losses);
            Show(step + 1, stack, requests, forgotten);
        }
        return losses;
    }

    // One pass of the whole stack serves all step observers.
    private static void Show(int step, StackedModule stack, IReadOnlyList<UnlearningRequest> requests, torch.Tensor forgotten)
    {
        double[]? confidences = null;
        var each = (int)forgotten.shape[1];
        for (var model = 0; model < requests.Count; model++)
        {
            var start = model * each;
            requests[model].AfterStep?.Invoke(step, () => new ArraySegment<double>(confidences ??= Compute(), start, each));
        }

        double[] Compute()
        {
            using var noGrad = torch.no_grad();
            var rows = requests[0].Rows;
            var all = new double[stack.Count * each];
            var size = Math.Max(1, rows.AtOnce / (int)stack.Count);
            for (var start = 0; start < each; start += size)
            {
                using var scope = torch.NewDisposeScope();
                var count = Math.Min(size, each - start);
                var at = forgotten.narrow(1, start, count).flatten();
                var logProbabilities = stack.Forward(rows.SelectFeatures(at).view(stack.Count, count, -1)).log_softmax(1);
                var ofChunk =
                    logProbabilities.gather(1, rows.Labels.index_select(0, at).view(stack.Count, 1, count)).to(torch.float64).exp().data<double>().ToArray();
                for (var model = 0; model < stack.Count; model++)
                    ofChunk.AsSpan(model * count, count).CopyTo(all.AsSpan(model * each + start));
            }
            return all;
        }
    }

    // Models × places: the last batch of a pass may leave places free, with weight 0.
    private static (long[] Index, float[] Weights) Rows(WeightedRow[][] ofModels)
    {
        var places = ofModels.Max(rows => rows.Length);
        var index = new long[ofModels.Length * places];
        var weights = new float[index.Length];
        for (var model = 0; model < ofModels.Length; model++)
        {
            // A free place repeats a row that the model reads anyway.
            index.AsSpan(model * places, places).Fill(ofModels[model][0].Position);
            for (var i = 0; i < ofModels[model].Length; i++)
                (index[model * places + i], weights[model * places + i]) = (ofModels[model][i].Position, ofModels[model][i].Weight);
        }
        return (index, weights);
    }
}
