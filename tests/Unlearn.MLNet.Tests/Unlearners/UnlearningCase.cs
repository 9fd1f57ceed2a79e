using TorchSharp;
using Unlearn.Transforms;

namespace Unlearn.MLNet.Tests.Unlearners;

/// <summary>A small trained target, its recipe and its rows.</summary>
public sealed class UnlearningCase : IDisposable
{
    private UnlearningCase(TorchRecipe recipe, TrainingRows rows)
    {
        Recipe = recipe;
        Rows = rows;
        Target = recipe.Train(rows, Positions, seed: 3);
    }

    public TorchRecipe Recipe { get; }

    public TrainingRows Rows { get; }

    public TorchTarget Target { get; }

    public int[] Positions => [.. Enumerable.Range(0, Rows.Count)];

    /// <summary>A perceptron on 90 rows of 8 features.</summary>
    public static UnlearningCase Mlp() => new(TinyStudy.Recipe, TinyStudy.Rows(90));

    /// <summary>A network of two convolutions on 60 images of 8 × 8 pixels.</summary>
    public static UnlearningCase Cnn(int stack = 1) =>
        new(new(TorchArchitecture.SmallCnn(1, 8, 8, 3, [2, 3, 6])) { Epochs = 5, BatchSize = 16, Device = TorchDevice.Cpu, Stack = stack }, Images(60));

    /// <summary>A network of two convolutions that learned images by heart in which hardly a class can be seen.</summary>
    public static UnlearningCase Overfit() => new(
        new(TorchArchitecture.SmallCnn(1, 8, 8, 3, [8, 16, 32])) { Epochs =
            24, BatchSize = 8, LearningRate = 0.05, WeightDecay = 1e-3, Device = TorchDevice.Cpu }, Images(120, signal: 0.1f));

    /// <summary>A small perceptron whose steps take all of 60 rows at once, at a constant rate: steps that can be written out.</summary>
    public static UnlearningCase FullBatch() => new(Steps(TorchArchitecture.Mlp(8, 3, 6)), TinyStudy.Rows(60));

    /// <summary>The same of a network of two convolutions.</summary>
    public static UnlearningCase FullBatchCnn() => new(Steps(TorchArchitecture.SmallCnn(1, 8, 8, 3, [2, 3, 6])), Images(60));

    /// <summary>Few epochs on rows of 8 features.</summary>
    public static UnlearningCase Small(TorchArchitecture architecture, int stack, int rows = 60) =>
        new(new(architecture) { Epochs = 2, BatchSize = 16, Device = TorchDevice.Cpu, Stack = stack }, TinyStudy.Rows(rows));

    /// <summary>A bag of tokens on 60 rows of 12 tokens, padding among them.</summary>
    public static UnlearningCase Text(int stack) =>
        new(new(TorchArchitecture.BagOfTokens(12, 20, 4, 3, 5)) { Epochs = 2, BatchSize = 16, Device = TorchDevice.Cpu, Stack = stack }, Tokens(60));

    /// <summary>The same with batch normalization and dropout.</summary>
    public static UnlearningCase Normalized(int rows = 64, int batchSize = 16) => new(
        new(TorchArchitecture.Custom("normalized", [1, 8, 8], 3, () => torch.nn.Sequential(
            ("conv", torch.nn.Conv2d(1, 4, 3, padding: 1)), ("norm", torch.nn.BatchNorm2d(4)), ("relu", torch.nn.ReLU()),
            ("average", torch.nn.AdaptiveAvgPool2d(1)),
            ("flatten", torch.nn.Flatten()), ("normFlat", torch.nn.BatchNorm1d(4)), ("dropout", new SeededDropout(0.2)), ("output", torch.nn.Linear(4, 3)))))
        { Epochs = 4, BatchSize = batchSize, Device = TorchDevice.Cpu },
        Images(rows));

    /// <summary>A network of two convolutions whose parameters of some names are frozen.</summary>
    public static UnlearningCase Frozen(params IReadOnlyList<string> names) => new(
        new(TorchArchitecture.Custom("frozen", [1, 8, 8], 3, () =>
        {
            var module = torch.nn.Sequential(
                ("first", torch.nn.Conv2d(1, 3, 3, padding: 1)), ("relu", torch.nn.ReLU()), ("second", torch.nn.Conv2d(3, 4, 3, padding: 1)),
                ("tanh", torch.nn.Tanh()),
                ("average", torch.nn.AdaptiveAvgPool2d(2)), ("flatten", torch.nn.Flatten()), ("output", torch.nn.Linear(16, 3)));
            foreach (var name in names)
                module.get_parameter(name)!.requires_grad = false;
            return module;
        }))
        { Epochs = 4, BatchSize = 16, Device = TorchDevice.Cpu },
        Images(60));

    /// <summary>A linear model at the minimum of its regularized loss, which is reached by steps over all rows at once.</summary>
    public static UnlearningCase Linear(params IReadOnlyList<int> hidden) => new(
        new(TorchArchitecture.Mlp(8, 3, hidden))
        {
            Epochs = 400,
            BatchSize = 90,
            LearningRate = 0.5,
            Momentum = 0.8,
            WeightDecay = 0.05,
            Schedule = LearningRateSchedule.Constant,
            Device = TorchDevice.Cpu,
        },
        TinyStudy.Rows(60));

    public UnlearningRequest Request(params int[] forget) => new(Target, Recipe, Rows, forget, seed: 11);

    public UnlearningRequest Request(long seed, int forget) => new(Target, Recipe, Rows, [forget], seed);

    public TorchTarget Unlearn(IUnlearner unlearner, params int[] forget) => (TorchTarget)unlearner.Unlearn(Request(forget), CancellationToken.None).Model;

    /// <summary>All parameters and buffers of a model, or of an ensemble's members.</summary>
    public static float[] State(ITarget model)
    {
        using var scope = torch.NewDisposeScope();
        return model is EnsembleTarget ensemble
            ? [.. ensemble.Members.SelectMany(State)]
            : [.. ((TorchTarget)model).Module.state_dict().Values.SelectMany(tensor => tensor.to(torch.ScalarType.Float32).data<float>().ToArray())];
    }

    /// <summary>p_y of every row.</summary>
    public float[] Confidences(ITarget model)
    {
        using var scope = torch.NewDisposeScope();
        return torch.nn.functional.log_softmax(model.Logits(Rows.Features), 1).gather(1, Rows.Labels.unsqueeze(1)).squeeze(1).exp().data<float>().ToArray();
    }

    /// <summary>Class of every row.</summary>
    public long[] Predictions(ITarget model)
    {
        using var scope = torch.NewDisposeScope();
        return model.Logits(Rows.Features).argmax(1).data<long>().ToArray();
    }

    /// <summary>Gradient of the mean cross-entropy over rows, all parameters in a row.</summary>
    /// <param name="positions">The rows.</param>
    /// <param name="classOf">Their classes, if not their own.</param>
    /// <param name="model">The model, if not the target.</param>
    public float[] Gradient(int[] positions, Func<int, long>? classOf = null, TorchTarget? model = null)
    {
        using var scope = torch.NewDisposeScope();
        using var module = (model ?? Target).CopyModule();
        using var copy = TorchTarget.FromModule(Recipe.Architecture, module, TorchDevice.Cpu);
        copy.SetTrainable(true);
        var at = torch.tensor(Array.ConvertAll(positions, position => (long)position));
        var classes = torch.tensor(Array.ConvertAll(positions, position => classOf?.Invoke(position) ?? Rows.LabelAt(position)));
        torch.nn.functional.cross_entropy(copy.Forward(Rows.Features.index_select(0, at)), classes).backward();
        return [.. copy.Module.parameters().SelectMany(parameter => parameter.grad!.data<float>().ToArray())];
    }

    public void Dispose()
    {
        Target.Dispose();
        Rows.Dispose();
    }

    private static TorchRecipe Steps(TorchArchitecture architecture) => new(architecture)
    {
        Epochs = 20, BatchSize = 64, LearningRate = 0.2, Momentum = 0.8, WeightDecay = 0.01, Schedule = LearningRateSchedule.Constant, Device = TorchDevice.Cpu,
    };

    private static TrainingRows Tokens(int count)
    {
        var random = new Random(1);
        float[] tokens = [.. Enumerable.Range(0, count * 12).Select(_ => (float)random.Next(20))];
        return new([.. Enumerable.Range(0, count).Select(row => row.ToString(System.Globalization.CultureInfo.InvariantCulture))], tokens, 12,
            [.. Enumerable.Range(0, count).Select(row => (long)(row % 3))], 3);
    }

    private static TrainingRows Images(int count, float signal = 0.6f)
    {
        var random = new Random(1);
        var features = new float[count * 64];
        for (var i = 0; i < features.Length; i++)
            features[i] = (float)(random.NextDouble() - 0.5) + (i % 64 / 8 % 3 == i / 64 % 3 ? signal : 0f);
        return new([.. Enumerable.Range(0, count).Select(row => row.ToString(System.Globalization.CultureInfo.InvariantCulture))], features, 64,
            [.. Enumerable.Range(0, count).Select(row => (long)(row % 3))], 3);
    }
}
