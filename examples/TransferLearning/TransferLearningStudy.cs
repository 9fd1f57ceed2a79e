using System.CommandLine;
using Microsoft.ML;
using Unlearn.Cli.Images;
using Unlearn.Cli.Studies;
using Unlearn.Examples.Cifar10;
using Unlearn.Transforms;

namespace Unlearn.Examples.TransferLearning;

/// <summary>A head on the features of a pretrained ResNet-18, of CIFAR-10 or of a folder of images.</summary>
internal sealed class TransferLearningStudy : StudyExample
{
    private const string Linear = "linear";
    private const string Mlp = "mlp";
    private const string Lbfgs = "lbfgs";
    private const int PictureSide = 64;
    private const int Hidden = 128;
    private const float L2Regularization = 1e-3f;

    private readonly Option<string> _head = new("--head")
    {
        Description = $"What is trained on the features: {Linear} layer; {Mlp}, a hidden layer of {Hidden}; or {Lbfgs}, ML.NET's LbfgsMaximumEntropy, "
            + "for which only EU and SISA are there.",
        DefaultValueFactory = _ => Linear,
    };
    private readonly Option<int> _classes = new("--classes") { Description = "Classes of a folder, the first by name.", DefaultValueFactory = _ => 10 };
    private readonly Option<int> _epochs = new("--epochs") { Description = $"Passes over the rows, of {Linear} and {Mlp}.", DefaultValueFactory = _ => 30 };

    public TransferLearningStudy()
    {
        _head.AcceptOnlyFromAmong(Linear, Mlp, Lbfgs);
        Options = [_head, _classes, _epochs];
    }

    public override string Description =>
        "Predicts how hard images are to unlearn from a head that was trained on the features of a pretrained ResNet-18, and checks it by really unlearning "
        + "them. Features take about 0.1 seconds an image, once: they are kept in the output folder.";

    public override string DataDescription => $"CIFAR-10: {CifarFiles.Formats}; or images of your own: {ImageFolders.Formats}.";

    public override string DefaultData => Path.Combine("..", "shared", "data", "images", "cifar10-jpeg-60k.tar.gz");

    public override BySize<int> Rows { get; } = new(300, 4000, 6000);

    public override BySize<int> TestRows { get; } = new(150, 1000, 2000);

    public override BySize<string> Unlearners { get; } = new(UnlearnerNames.Three, UnlearnerNames.Seven, UnlearnerNames.Seven);

    public override string UnlearnersOf(ParseResult parsed, StudySize size) =>
        parsed.GetValue(_head) == Lbfgs ? "EU,SISA" : base.UnlearnersOf(parsed, size);

    public override BySize<int> SingleRows { get; } = new(0, 0, 0);

    public override IReadOnlyList<Option> Options { get; }

    public override string OutputName(ParseResult parsed) => $"transfer-learning-{parsed.GetValue(_head)}";

    public override IReadOnlyList<IHardnessFactor>? Factors(StudySettings settings) =>
        settings.Parsed.GetValue(_head) == Lbfgs ? null : base.Factors(settings);

    public override StudyData Load(StudySettings settings)
    {
        var (name, train, test, classes) = Find(settings);
        var features = new FeatureCache(Path.Combine(settings.Output, "features"), ResNetFeatures.Model, ResNetFeatures.Side, ResNetFeatures.Compute);
        return new($"{name}, ResNet-18, {settings.Parsed.GetValue(_head)} head, {train.Count} rows", ToRows(train), ToRows(test), classes,
            RgbImage.Pictures(train, PictureSide));

        TrainingRows ToRows(List<RgbImage> images) => features.ToTrainingRows(images, ResNetFeatures.Width, classes.Count);
    }

    public override ITrainingRecipe Recipe(StudySettings settings, StudyData data) => settings.Parsed.GetValue(_head) switch
    {
        Lbfgs => new EstimatorRecipe(Invariant($"lbfgs/1 l2={L2Regularization}"),
            context => context.MulticlassClassification.Trainers.LbfgsMaximumEntropy(l1Regularization: 0, l2Regularization: L2Regularization)),
        var head => new TorchRecipe(head == Mlp
            ? TorchArchitecture.Mlp(ResNetFeatures.Width, data.ClassNames.Count, Hidden)
            : TorchArchitecture.Mlp(ResNetFeatures.Width, data.ClassNames.Count))
        {
            Epochs = settings.Parsed.GetValue(_epochs),
            BatchSize = 32,
            LearningRate = head == Mlp ? 0.2 : 2, // rows have length 1
            WeightDecay = head == Mlp ? 1e-4 : 1e-5,
            Stack = settings.Stack,
            Device = TorchDevice.Cpu,
        },
    };

    private (string Name, List<RgbImage> Train, List<RgbImage> Test, IReadOnlyList<string> Classes) Find(StudySettings settings)
    {
        if (ImageFolders.IsImages(settings.Data))
        {
            var (train, test, classes) = ImageFolders.Find(settings.Data, settings.Parsed.GetValue(_classes), settings.Rows, settings.TestRows);
            return (Path.GetFileName(Path.GetFullPath(settings.Data).TrimEnd(Path.DirectorySeparatorChar)), train, test, classes);
        }
        var cifar = CifarFiles.Read(settings.Data, settings.Rows, settings.TestRows);
        return ($"CIFAR-10{(cifar.IsJpeg ? ", JPEG copy" : "")}", cifar.Train, cifar.Test, CifarFiles.ClassNames);
    }
}
