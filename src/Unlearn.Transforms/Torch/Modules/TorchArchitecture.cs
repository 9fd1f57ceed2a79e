using System.Collections.Concurrent;
using TorchSharp;
using Unlearn.Transforms.Numerics;
using Unlearn.Transforms.Runtime;
using Unlearn.Transforms.Torch.Modules;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms;

/// <summary>
/// What a Torch module looks like before it is trained: input shape, classes, and how to create it. Saved models name an architecture,
/// never a .NET type; <see cref="Mlp"/>, <see cref="SmallCnn"/>, <see cref="ResNet18"/> and <see cref="BagOfTokens"/> load anywhere, one made by
/// <see cref="Custom"/> loads in a process that has called <see cref="Custom"/> with the same name.
/// </summary>
public sealed class TorchArchitecture
{
    private const string MlpName = "mlp";
    private const string SmallCnnName = "small-cnn";
    private const string ResNet18Name = "resnet18";
    private const string BagOfTokensName = "bag-of-tokens";
    private const double LargestLayer = 1 << 29;
    private const int MostLayers = 1000;
    private const int ProbeRows = 3;
    private static readonly ConcurrentDictionary<string, Func<Module<torch.Tensor, torch.Tensor>>> CustomFactories = new(StringComparer.Ordinal);
    private readonly Func<Module<torch.Tensor, torch.Tensor>> _factory;

    private TorchArchitecture(
        string name, IReadOnlyList<long> inputShape, int classCount, IReadOnlyList<int> widths, Func<Module<torch.Tensor, torch.Tensor>> factory)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classCount, 2);
        if (inputShape.Count == 0 || inputShape.Any(size => size <= 0))
            throw new ArgumentException($"Every size of the input shape must be positive, got [{string.Join(", ", inputShape)}].", nameof(inputShape));
        if (widths.Any(width => width <= 0))
            throw new ArgumentException($"Every layer width must be positive, got [{string.Join(", ", widths)}].", nameof(widths));
        Name = name;
        InputShape = inputShape;
        ClassCount = classCount;
        Widths = widths;
        _factory = factory;
    }

    /// <summary>Name, under which saved models find the architecture again.</summary>
    public string Name { get; }

    /// <summary>Shape of one row as the module takes it, without the batch dimension: for example 1 × 28 × 28.</summary>
    public IReadOnlyList<long> InputShape { get; }

    /// <summary>Number of classes: the width of the module's output.</summary>
    public int ClassCount { get; }

    /// <summary>Widths of the ready-made architectures' layers; empty for custom ones.</summary>
    public IReadOnlyList<int> Widths { get; }

    /// <summary>Number of feature values of one row: the product of <see cref="InputShape"/>.</summary>
    public int FeatureCount => (int)InputShape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Canonical text: part of the identity of a recipe.</summary>
    public string Specification => $"{Name}({string.Join('x', InputShape)}; {string.Join(',', Widths)}; {ClassCount})";

    /// <summary>A multilayer perceptron with ReLU between its linear layers.</summary>
    /// <param name="featureCount">Number of features.</param>
    /// <param name="classCount">Number of classes, at least 2.</param>
    /// <param name="hidden">Widths of the hidden layers; none gives a linear model.</param>
    public static TorchArchitecture Mlp(int featureCount, int classCount, params IReadOnlyList<int> hidden) =>
        new(MlpName, [featureCount], classCount, hidden, () => ReadyMadeModules.Mlp(featureCount, classCount, hidden));

    /// <summary>
    /// A small convolutional network: two 3 × 3 convolutions with stride 2 (as in Springenberg et al., arXiv 1412.6806, in place of pooling), each with ReLU,
    /// a hidden linear layer, and a linear output. With its default widths it has about 52,000 parameters on 28 × 28 gray images.
    /// </summary>
    /// <param name="channels">Channels of an image.</param>
    /// <param name="height">Height of an image in pixels, at least 4.</param>
    /// <param name="width">Width of an image in pixels, at least 4.</param>
    /// <param name="classCount">Number of classes, at least 2.</param>
    /// <param name="widths">Output channels of the two convolutions and width of the hidden layer: 8, 16, 64 by default.</param>
    public static TorchArchitecture SmallCnn(int channels, int height, int width, int classCount, IReadOnlyList<int>? widths = null)
    {
        widths ??= [8, 16, 64];
        if (widths.Count != 3)
            throw new ArgumentException($"A small CNN has 3 widths, got {widths.Count}.", nameof(widths));
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 4);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 4);
        return new(SmallCnnName, [channels, height, width], classCount, widths, () => ReadyMadeModules.SmallCnn(channels, height, width, classCount, widths));
    }

    /// <summary>
    /// A residual network of 18 layers with batch normalization (He et al., arXiv 1512.03385). Images of at most 64 pixels keep their size in the first layer
    /// (the usual variant for CIFAR-10, 11.2 million parameters); larger ones are halved twice, as for ImageNet.
    /// </summary>
    /// <param name="channels">Channels of an image.</param>
    /// <param name="height">Height of an image in pixels, at least 8.</param>
    /// <param name="width">Width of an image in pixels, at least 8.</param>
    /// <param name="classCount">Number of classes, at least 2.</param>
    /// <param name="widths">Channels of the four stages: 64, 128, 256, 512 by default.</param>
    public static TorchArchitecture ResNet18(int channels, int height, int width, int classCount, IReadOnlyList<int>? widths = null)
    {
        widths ??= [64, 128, 256, 512];
        if (widths.Count != 4)
            throw new ArgumentException($"A ResNet-18 has 4 stages, got {widths.Count} widths.", nameof(widths));
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 8);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 8);
        return new(ResNet18Name, [channels, height, width], classCount, widths, () => ReadyMadeModules.ResNet18(channels, height, width, classCount, widths));
    }

    /// <summary>A bag of words: the mean of the embeddings of a row's tokens, then a multilayer perceptron; see <see cref="TokenAverage"/>.</summary>
    /// <param name="tokenCount">Tokens of a row, padding included: the number of features. Token 0 is padding.</param>
    /// <param name="vocabularySize">Number of tokens there are, padding included.</param>
    /// <param name="dimensions">Dimensions of an embedding.</param>
    /// <param name="classCount">Number of classes, at least 2.</param>
    /// <param name="hidden">Widths of the hidden layers; none gives a linear model on the mean embedding.</param>
    public static TorchArchitecture BagOfTokens(int tokenCount, int vocabularySize, int dimensions, int classCount, params IReadOnlyList<int> hidden) =>
        new(BagOfTokensName, [tokenCount], classCount, [vocabularySize, dimensions, .. hidden],
            () => ReadyMadeModules.BagOfTokens(vocabularySize, dimensions, classCount, hidden));

    /// <summary>Makes an architecture from your own module.</summary>
    /// <param name="name">Name of the architecture. Another call with the same name replaces the factory that loads saved models of this name.</param>
    /// <param name="inputShape">Shape of one row, without the batch dimension.</param>
    /// <param name="classCount">Number of classes, at least 2.</param>
    /// <param name="factory">
    /// Creates the module, freshly initialized from Torch's default generator, which is seeded before the call. The module maps
    /// batch × <paramref name="inputShape"/> to logits, batch × <paramref name="classCount"/>, and calls its layers by <c>call</c>, not <c>forward</c>.
    /// Use <see cref="SeededDropout"/> in place of Torch's dropout layers. Parameters whose <c>requires_grad</c> it turns off are frozen: trainings
    /// and unlearners leave them alone, and gradients are those of the others.
    /// </param>
    /// <exception cref="ArgumentException">The name is empty, or a ready-made architecture has it.</exception>
    public static TorchArchitecture Custom(string name, IReadOnlyList<long> inputShape, int classCount, Func<Module<torch.Tensor, torch.Tensor>> factory)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(inputShape);
        ArgumentNullException.ThrowIfNull(factory);
        if (name is MlpName or SmallCnnName or ResNet18Name or BagOfTokensName)
            throw new ArgumentException($"'{name}' is the name of a ready-made architecture: choose another.", nameof(name));
        CustomFactories[name] = factory;
        return new(name, inputShape, classCount, [], factory);
    }

    /// <summary>
    /// Whether a saved module may be made of this architecture: what a ready-made one allocates follows from its sizes alone, and a hostile file may say
    /// any sizes.
    /// </summary>
    /// <param name="values">Number of values that the file holds for the module.</param>
    /// <exception cref="FormatException">The module would have more values, or a pass of two rows takes gigabytes.</exception>
    internal void CheckSizes(long values)
    {
        if (InputShape.Count + Widths.Count > MostLayers)
            throw new FormatException($"Architecture '{Name}' has {Widths.Count} layers of {InputShape.Count} dimensions.");
        var rowValues = InputShape.Aggregate(1.0, (product, size) => product * size);
        if (rowValues * (Name == MlpName || Widths.Count == 0 ? 1 : Widths[Name == BagOfTokensName ? 1 : 0]) > LargestLayer)
            throw new FormatException($"Architecture '{Name}' has rows of [{string.Join(" × ", InputShape)}] values, which is far too much.");
        var least = Name switch
        {
            MlpName => Chain([InputShape[0], .. Widths, ClassCount]),
            BagOfTokensName => Chain([.. Widths, ClassCount]),
            SmallCnnName => 9.0 * Chain([InputShape[0], .. Widths.Take(2)])
                + (double)Widths[1] * ((InputShape[1] + 3) / 4) * ((InputShape[2] + 3) / 4) * Widths[2] + Chain([Widths[2], ClassCount]),
            ResNet18Name => 9.0 * Chain([InputShape[0], Widths[0], .. Widths]) + Widths.Sum(width => 18.0 * width * width) + Chain([Widths[^1], ClassCount]),
            _ => 0,
        };
        if (least > values)
            throw new FormatException($"Architecture '{Specification}' has more parameters than the {values} values that were saved.");

        static double Chain(IReadOnlyList<long> sizes) => sizes.Zip(sizes.Skip(1), (from, to) => (double)from * to).Sum();
    }

    /// <summary>Finds the architecture that a saved model names.</summary>
    /// <exception cref="InvalidOperationException">No architecture of that name is known in this process.</exception>
    internal static TorchArchitecture Restore(string name, IReadOnlyList<long> inputShape, int classCount, IReadOnlyList<int> widths) => name switch
    {
        MlpName when inputShape.Count == 1 => Mlp(checked((int)inputShape[0]), classCount, widths),
        SmallCnnName when inputShape.Count == 3 =>
            SmallCnn(checked((int)inputShape[0]), checked((int)inputShape[1]), checked((int)inputShape[2]), classCount, widths),
        ResNet18Name when inputShape.Count == 3 =>
            ResNet18(checked((int)inputShape[0]), checked((int)inputShape[1]), checked((int)inputShape[2]), classCount, widths),
        BagOfTokensName when inputShape.Count == 1 && widths.Count >= 2 =>
            BagOfTokens(checked((int)inputShape[0]), widths[0], widths[1], classCount, [.. widths.Skip(2)]),
        _ when CustomFactories.TryGetValue(name, out var factory) => new(name, inputShape, classCount, widths, factory),
        _ => throw new InvalidOperationException(
            $"The model was saved with the custom architecture '{name}', which this process does not know: call TorchArchitecture.Custom(\"{name}\", "
            + "…) before loading it."),
    };

    /// <summary>What keeps a row from being one that the architecture reads, in words; <see langword="null"/> if nothing does.</summary>
    /// <param name="features">Values of the row's features.</param>
    internal string? FindFlaw(ReadOnlySpan<float> features)
    {
        if (Name != BagOfTokensName)
            return null;
        for (var slot = 0; slot < features.Length; slot++)
            if (!(features[slot] >= 0 && features[slot] < Widths[0] && features[slot] == MathF.Floor(features[slot])))
                return Invariant($"token {features[slot]} in slot {slot}, but its tokens are the whole numbers from 0 to {Widths[0] - 1}");
        return null;
    }

    /// <summary>Creates the module with parameters drawn from a seed.</summary>
    /// <param name="seed">Seed of the initialization.</param>
    /// <exception cref="ArgumentException">
    /// The module holds a dropout layer of Torch's, gives something else than rows × classes, or gives a row other logits among other rows than alone.
    /// </exception>
    internal Module<torch.Tensor, torch.Tensor> CreateModule(long seed)
    {
        var module = SeededInitialization.Create(_factory, seed);
        DetachFromDisposeScope(module);
        if (module.named_modules().FirstOrDefault(child => child.module.GetType() is { Namespace: "TorchSharp.Modules" } type
            && type.Name.Contains("Dropout", StringComparison.Ordinal)
            && child.module is not TorchSharp.Modules.Dropout { p: 0 }) is { module: not null } dropout)
            throw new ArgumentException(
                $"Layer '{dropout.name}' of architecture '{Name}' is TorchSharp's {dropout.module.GetType().Name}, which draws from a generator that the whole "
                + $"process shares, so trials could not be repeated: use {nameof(SeededDropout)}.");
        CheckOutput(module);
        ConvolutionKernels.Check(module);
        return module;
    }

    /// <summary>
    /// Creates a module without checks, for callers that overwrite its parameters. A module of this architecture was created and checked before.
    /// </summary>
    internal Module<torch.Tensor, torch.Tensor> CreateAnother()
    {
        var module = SeededInitialization.Create(_factory, seed: 0);
        DetachFromDisposeScope(module);
        return module;
    }

    private static void DetachFromDisposeScope(Module<torch.Tensor, torch.Tensor> module)
    {
        foreach (var tensor in module.parameters().Cast<torch.Tensor>().Concat(module.buffers()))
            tensor.DetachFromDisposeScope();
    }

    private void CheckOutput(Module<torch.Tensor, torch.Tensor> module)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        module.eval();
        using var generator = new torch.Generator((ulong)Seed.Derive(0, nameof(CheckOutput)));
        // Between 0 and 1: a module that makes token ids of its features makes 0 of these.
        var rows = torch.rand([ProbeRows, .. InputShape], generator: generator).Mul(0.999f);
        rows = rows.to(module.parameters().FirstOrDefault(parameter => parameter.is_floating_point())?.dtype ?? torch.float32);
        long[] shape;
        string? offender;
        try
        {
            var logits = module.call(rows);
            shape = logits.shape;
            offender = shape is [ProbeRows, _] ? RowsAlone.FindOffender(module, rows, logits) : null;
        }
        catch (Exception cause) when (cause is System.Runtime.InteropServices.ExternalException or ArgumentException)
        {
            throw new ArgumentException(
                $"The module of architecture '{Name}' does not take rows of shape [{string.Join(", ", InputShape)}]: {cause.Message.Split('\n')[0]}", cause);
        }
        if (shape is not [ProbeRows, var width] || width != ClassCount)
            throw new ArgumentException(
                $"The module of architecture '{Name}' must give logits of shape rows × {ClassCount}, "
                + $"but for {ProbeRows} rows gave [{string.Join(", ", shape)}].");
        if (offender is not null)
            throw new ArgumentException(
                $"{(offender.Length > 0 ? $"Layer '{offender}'" : "The forward method of the module")} of architecture '{Name}' gives a "
                + "row other values among other rows than alone, in evaluation mode, so that factors would depend on the batch size: let normalization keep "
                + "running statistics, and mix no rows.");
    }
}
