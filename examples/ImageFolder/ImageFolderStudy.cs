using System.CommandLine;
using Unlearn.Cli.Images;
using Unlearn.Cli.Loading;
using Unlearn.Cli.Models;
using Unlearn.Cli.Settings;
using Unlearn.Cli.Studies;
using Unlearn.Cli.Terminal;
using Unlearn.MLNet;
using Unlearn.Transforms;

namespace Unlearn.Examples.ImageFolder;

/// <summary>A small CNN or a ResNet-18 on a folder of images.</summary>
internal sealed class ImageFolderStudy : StudyExample
{
    private const string SmallCnn = "small-cnn";
    private const string ResNet18 = "resnet18";
    private const int LargestSideOfSteinMarginal = 32;

    private readonly Option<string> _model = new("--model") { Description = $"{SmallCnn} or {ResNet18}.", DefaultValueFactory = _ => SmallCnn };
    private readonly Option<int> _width = new("--width")
    {
        Description = $"Channels of the first of {ResNet18}'s four stages; each has twice those of the one before. 64 is usual.",
        DefaultValueFactory = _ => 64,
    };
    private readonly Option<int?> _side = new("--size")
    {
        Description = $"Side in pixels that the middle square of each image is scaled to, from 8. {ImageRows.Sides}",
    };
    private readonly Option<int> _classes = new("--classes") { Description = "Most classes, the first by name.", DefaultValueFactory = _ => 10 };
    private readonly Option<int> _epochs = new("--epochs") { Description = "Passes over the rows.", DefaultValueFactory = _ => 12 };
    private readonly Option<bool> _skipDamaged = new($"--{KnownSettings.SkipDamaged.Name}") { Description = KnownSettings.SkipDamaged.Description };

    public ImageFolderStudy()
    {
        _model.AcceptOnlyFromAmong(SmallCnn, ResNet18);
        foreach (var (option, least) in new[] { ((Option)_side, 8), (_classes, 2) })
            option.Validators.Add(result =>
            {
                if (result.GetValueOrDefault<int?>() < least)
                    result.AddError($"{option.Name} must be at least {least}.");
            });
        Options = [_model, _width, _side, _classes, _epochs, _skipDamaged];
    }

    public override string Description => "Predicts how hard images of a folder are to unlearn, and checks it by really unlearning them.";

    public override string DataDescription => $"Images in ImageNet's layout: {ImageFolders.Formats}.";

    public override string DefaultData => Path.Combine("..", "shared", "data", "images", "imagenet");

    public override BySize<int> Rows { get; } = new(500, 1000, 2000);

    public override BySize<int> TestRows { get; } = new(250, 500, 1000);

    public override BySize<string> Unlearners { get; } = new(UnlearnerNames.Three, UnlearnerNames.Seven, UnlearnerNames.Seven);

    public override BySize<int> TrialsOf(IUnlearner unlearner) => unlearner is Sisa ? new(8, 20, 40) : base.TrialsOf(unlearner);

    public override BySize<int> SingleRows { get; } = new(0, 0, 0);

    public override IReadOnlyList<Option> Options { get; }

    public override string OutputName(ParseResult parsed) => parsed.GetValue(_model) == ResNet18 ? "images-resnet18" : "images";

    // SteinMarginal keeps a matrix of features × features.
    public override IReadOnlyList<IHardnessFactor> Factors(StudySettings settings) =>
        StudyFactorSets.OfTraining(hasSteinMarginal: Side(settings) <= LargestSideOfSteinMarginal);

    public override StudyData Load(StudySettings settings)
    {
        var images = new ImageRows(Side(settings), settings.Parsed.GetValue(_classes), settings.Rows, settings.TestRows,
            settings.Parsed.GetValue(_skipDamaged));
        return images.Read(settings.Data, Path.GetFileName(Path.GetFullPath(settings.Data).TrimEnd(Path.DirectorySeparatorChar)), Screen.OfProcess().Say);
    }

    public override ITrainingRecipe Recipe(StudySettings settings, StudyData data)
    {
        var (side, width) = (Side(settings), settings.Parsed.GetValue(_width));
        var model = settings.Parsed.GetValue(_model);
        return new TorchRecipe(model == ResNet18
            ? TorchArchitecture.ResNet18(RgbImage.Channels, side, side, data.ClassNames.Count, [width, 2 * width, 4 * width, 8 * width])
            : TorchArchitecture.SmallCnn(RgbImage.Channels, side, side, data.ClassNames.Count, [16, 32, 64]))
        {
            Epochs = settings.Parsed.GetValue(_epochs),
            BatchSize = 32,
            Stack = settings.Stack,
            Device = TorchDevice.Cpu,
        };
    }

    private int Side(StudySettings settings) => settings.Parsed.GetValue(_side) ?? ImageRows.Sides.Of(settings.Size);
}
