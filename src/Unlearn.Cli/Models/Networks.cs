using Unlearn.Cli.Images;
using Unlearn.Cli.Texts;
using Unlearn.Transforms;

namespace Unlearn.Cli.Models;

/// <summary>A multilayer perceptron.</summary>
internal sealed class PerceptronModel : NamedModel
{
    public override string Name => "mlp";

    public override string Description => "multilayer perceptron";

    public override ITrainingRecipe Recipe(ModelInput input, ModelSettings settings) =>
        new TorchRecipe(TorchArchitecture.Mlp(input.Features, input.Classes, settings.Hidden ?? [128, 64]))
        {
            Epochs = settings.Epochs ?? 30,
            WeightDecay = 0,
            Stack = settings.Stack,
        }.With(settings);
}

/// <summary>A logistic regression.</summary>
internal sealed class LogisticModel : NamedModel
{
    public override string Name => "logistic";

    public override string Description => "logistic regression";

    public override ITrainingRecipe Recipe(ModelInput input, ModelSettings settings) =>
        new TorchRecipe(TorchArchitecture.Mlp(input.Features, input.Classes)) { Epochs = settings.Epochs ?? 20, Stack = settings.Stack }.With(settings);
}

/// <summary>A small convolutional network.</summary>
internal sealed class ConvolutionalModel : NamedModel
{
    public override string Name => "cnn";

    public override string Description => "small convolutional network";

    public override bool ReadsImages => true;

    public override ITrainingRecipe Recipe(ModelInput input, ModelSettings settings) =>
        new TorchRecipe(TorchArchitecture.SmallCnn(RgbImage.Channels, input.Side, input.Side, input.Classes, settings.Hidden ?? [16, 32, 64]))
        {
            Epochs = settings.Epochs ?? 12,
            BatchSize = 32,
            Stack = settings.Stack,
        }.With(settings);
}

/// <summary>A ResNet-18.</summary>
internal sealed class ResNetModel : NamedModel
{
    public override string Name => "resnet18";

    public override string Description => "ResNet-18";

    public override bool ReadsImages => true;

    public override ITrainingRecipe Recipe(ModelInput input, ModelSettings settings)
    {
        var width = settings.Width ?? 64;
        return new TorchRecipe(TorchArchitecture.ResNet18(RgbImage.Channels, input.Side, input.Side, input.Classes, [width, 2 * width, 4 * width, 8 * width]))
        {
            Epochs = settings.Epochs ?? 12,
            BatchSize = 32,
            Stack = settings.Stack,
        }.With(settings);
    }
}

/// <summary>The mean of the words' vectors, and a layer on top.</summary>
internal sealed class BagOfWordsModel : NamedModel
{
    private const int Dimensions = 32;

    public override string Name => "text";

    public override string Description => "bag of word vectors, of one text column";

    public override bool ReadsWords => true;

    public override ITrainingRecipe Recipe(ModelInput input, ModelSettings settings) =>
        new TorchRecipe(TorchArchitecture.BagOfTokens(input.Features, input.Vocabulary, Dimensions, input.Classes, settings.Hidden ?? [16]))
        {
            Epochs = settings.Epochs ?? 10,
            Optimizer = OptimizerKind.AdamW,
            LearningRate = 0.01,
            Stack = settings.Stack,
        }.With(settings);
}

/// <summary>A transformer encoder of one layer.</summary>
internal sealed class TransformerModel : NamedModel
{
    private const int Width = 32;
    private const int Heads = 2;

    public override string Name => "transformer";

    public override string Description => "transformer of one layer, of one text column";

    public override bool TrainsElsewhere => false;

    public override bool ReadsWords => true;

    public override ITrainingRecipe Recipe(ModelInput input, ModelSettings settings) => new TorchRecipe(TorchArchitecture.Custom(
        $"text-encoder/1 vocabulary={input.Vocabulary} width={Width} heads={Heads}", [input.Features], input.Classes,
        () => new TextEncoder(input.Vocabulary, input.Features, Width, Heads, input.Classes)))
    {
        Epochs = settings.Epochs ?? 8,
        Optimizer = OptimizerKind.AdamW,
        LearningRate = 3e-3,
    }.With(settings);
}

internal static class RecipeSettings
{
    /// <summary>The recipe with what a user says of its training.</summary>
    public static TorchRecipe With(this TorchRecipe recipe, ModelSettings settings) => recipe with
    {
        BatchSize = settings.BatchSize ?? recipe.BatchSize,
        LearningRate = settings.LearningRate ?? recipe.LearningRate,
        Device = settings.Device ?? TorchDevice.Cpu,
    };
}
