using System.CommandLine;
using Unlearn.Cli.Images;
using Unlearn.Cli.Studies;
using Unlearn.MLNet;
using Unlearn.Transforms;

namespace Unlearn.Examples.Cifar10;

/// <summary>A small CNN or a ResNet-18 on CIFAR-10.</summary>
internal sealed class CifarStudy : StudyExample
{
    private const string SmallCnn = "small-cnn";
    private const string ResNet18 = "resnet18";

    // Mean and standard deviation of CIFAR-10's training pixels, as is usual.
    private static readonly float[] Mean = [0.4914f, 0.4822f, 0.4465f];
    private static readonly float[] Deviation = [0.2470f, 0.2435f, 0.2616f];

    private readonly Option<string> _model =
        new("--model") { Description = $"{SmallCnn}, or {ResNet18}: many times slower.", DefaultValueFactory = _ => SmallCnn };
    private readonly Option<int> _width = new("--width")
    {
        Description = $"Channels of the first of {ResNet18}'s four stages; each has twice those of the one before. 64 is usual.",
        DefaultValueFactory = _ => 16,
    };
    private readonly Option<int> _epochs = new("--epochs") { Description = "Passes over the rows.", DefaultValueFactory = _ => 12 };

    public CifarStudy()
    {
        _model.AcceptOnlyFromAmong(SmallCnn, ResNet18);
        Options = [_model, _width, _epochs];
    }

    public override string Description => "Predicts how hard CIFAR-10's training rows are to unlearn, and checks it by really unlearning them.";

    public override string DataDescription => $"CIFAR-10: {CifarFiles.Formats}.";

    public override string DefaultData => Path.Combine("..", "shared", "data", "images", "cifar10-jpeg-60k.tar.gz");

    public override BySize<int> Rows { get; } = new(800, 3000, 6000);

    public override BySize<int> TestRows { get; } = new(500, 1000, 2000);

    public override BySize<string> Unlearners { get; } = new(UnlearnerNames.Three, UnlearnerNames.Seven, UnlearnerNames.Seven);

    // The labels of a target that knows half of the test rows at most are noisier than others.
    public override BySize<int> TrialsOf(IUnlearner unlearner) => unlearner switch
    {
        ExactRetraining => new(8, 80, 80),
        NegGradPlus => new(20, 80, 80),
        _ => base.TrialsOf(unlearner),
    };

    public override BySize<int> SingleRows { get; } = new(0, 0, 0);

    public override IReadOnlyList<Option> Options { get; }

    public override string OutputName(ParseResult parsed) => parsed.GetValue(_model) == ResNet18 ? "cifar10-resnet18" : "cifar10";

    public override StudyData Load(StudySettings settings)
    {
        var (train, test, isJpeg) = CifarFiles.Read(settings.Data, settings.Rows, settings.TestRows);
        return new($"CIFAR-10{(isJpeg ? ", JPEG copy" : "")}, {settings.Rows} rows", ToRows(train), ToRows(test), CifarFiles.ClassNames,
            RgbImage.Pictures(train, CifarFiles.Side));

        static TrainingRows ToRows(IEnumerable<RgbImage> images) =>
            RgbImage.ToTrainingRows(images, CifarFiles.Side, CifarFiles.ClassNames.Count, Mean, Deviation);
    }

    public override ITrainingRecipe Recipe(StudySettings settings, StudyData data)
    {
        var width = settings.Parsed.GetValue(_width);
        var isResNet = settings.Parsed.GetValue(_model) == ResNet18;
        return new TorchRecipe(isResNet
            ? TorchArchitecture.ResNet18(
                RgbImage.Channels, CifarFiles.Side, CifarFiles.Side, CifarFiles.ClassNames.Count, [width, 2 * width, 4 * width, 8 * width])
            : TorchArchitecture.SmallCnn(RgbImage.Channels, CifarFiles.Side, CifarFiles.Side, CifarFiles.ClassNames.Count, [16, 32, 128]))
        {
            Epochs = settings.Parsed.GetValue(_epochs),
            BatchSize = 32,
            LearningRate = isResNet ? 0.05 : 0.03,
            WeightDecay = isResNet ? 5e-4 : 0.01, // the small CNN would know its rows by heart, and little of others
            Stack = settings.Stack,
            Device = TorchDevice.Cpu,
        };
    }
}
