using TorchSharp;
using Unlearn.MLNet;
using Unlearn.MLNet.Trials.Running;
using Unlearn.Transforms;

namespace Unlearn.Benchmarks.Trials;

/// <summary>Unlearns one row after the other from the CNN of 52,000 parameters, and looks at the row's confidence after each.</summary>
internal sealed class SingleRows : IDisposable
{
    private const int Steps = 10;
    private const int Stack = 32;
    private readonly BenchmarkRecipe _recipe = BenchmarkRecipe.Create("cnn");
    private readonly TorchRecipe _steps;
    private readonly TorchTarget _target;

    public SingleRows()
    {
        _steps = _recipe.Recipe with { BatchSize = 32, Stack = Stack };
        _target = _steps.Train(_recipe.Rows, Enumerable.Range(0, _recipe.Rows.Count).ToArray(), seed: 1);
        Subject = new(_target, _steps, _recipe.Rows, testRows: null, TimeProvider.System);
    }

    public static NegGradPlus NegGradPlus => new() { MaximumSteps = Steps };

    public TrainingRows Rows => _recipe.Rows;

    /// <summary>The CNN, for trials.</summary>
    public TrialSubject Subject { get; }

    private static (string Name, IUnlearner Unlearner, bool IsStacked, int Rows)[] Cases =>
    [
        ($"NegGrad+, {Steps} steps of 1 + 32 rows", NegGradPlus, false, 32),
        ($"NegGrad+, {Steps} steps of 1 + 32 rows, stacked", NegGradPlus, true, 32),
        ("gradient ascent", new GradientAscent(), false, 128),
        ("gradient ascent, stacked", new GradientAscent(), true, 512),
        ("last layer left out exactly, one Newton step", new LastLayerRemoval(), false, 128),
    ];

    /// <summary>Measures all cases, in turn.</summary>
    public static IReadOnlyList<SingleRowFigures> Measure(int repeats)
    {
        using var rows = new SingleRows();
        var cases = Cases.Select(test => (test, Seconds: new Sample())).ToList();
        for (var repeat = -1; repeat < repeats; repeat++)
            foreach (var ((_, unlearner, isStacked, count), sample) in cases)
            {
                var seconds = Clock.Seconds(() => rows.Run(unlearner, isStacked, count));
                Console.Error.WriteLine($"{unlearner.Name} {(isStacked ? "stacked" : "single")}: {60 * count / seconds:0}");
                if (repeat >= 0)
                    sample.Add(seconds / count);
            }
        return [.. cases.Select(item => new SingleRowFigures(item.test.Name, 60 / item.Seconds.Median, 60 / item.Seconds.High, 60 / item.Seconds.Low))];
    }

    private void Run(IUnlearner unlearner, bool isStacked, int rows)
    {
        foreach (var chunk in Enumerable.Range(0, rows).Chunk(isStacked ? Stack : 1))
        {
            UnlearningRequest[] requests = [.. chunk.Select(row => new UnlearningRequest(_target, _steps, _recipe.Rows, [row], row))];
            if (isStacked)
            {
                using var batch = ((IBatchUnlearner)unlearner).UnlearnMany(requests, CancellationToken.None);
                for (var i = 0; i < batch.Count; i++)
                    Look(requests[i], batch.Take(i));
            }
            else
                Look(requests[0], unlearner.Unlearn(requests[0], CancellationToken.None));
        }
    }

    private static void Look(UnlearningRequest request, UnlearnedModel unlearned)
    {
        using var scope = torch.NewDisposeScope();
        var row = request.Forget[0];
        _ = torch.nn.functional.log_softmax(unlearned.Model.Logits(request.Rows.Features.narrow(0, row, 1)), 1)[0, request.Rows.LabelAt(row)].item<float>();
        unlearned.Dispose();
    }

    public void Dispose()
    {
        _target.Dispose();
        _recipe.Dispose();
    }
}
