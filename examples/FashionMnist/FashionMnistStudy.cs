using System.CommandLine;
using System.Globalization;
using Microsoft.ML;
using Unlearn.Cli.Studies;
using Unlearn.MLNet;
using Unlearn.Transforms;

namespace Unlearn.Examples.FashionMnist;

/// <summary>A small CNN on Fashion-MNIST.</summary>
internal sealed class FashionMnistStudy : StudyExample
{
    public override string Description => "Predicts how hard Fashion-MNIST's training rows are to unlearn, and checks it by really unlearning them.";

    public override string DataDescription => "Folder of Fashion-MNIST's idx files, if not the subset that comes along.";

    public override string DefaultData => Path.Combine(AppContext.BaseDirectory, "data");

    public override BySize<int> Rows { get; } = new(1000, 3000, 6000);

    public override BySize<int> TestRows { get; } = new(500, 1000, 2000);

    public override BySize<string> Unlearners { get; } = new(UnlearnerNames.Three, UnlearnerNames.Three, UnlearnerNames.Seven);

    // The quick start is to be quick.
    public override BySize<int> SingleRows { get; } = new(0, 0, 0);

    public override string OutputName(ParseResult parsed) => "fashion-mnist";

    public override StudyData Load(StudySettings settings)
    {
        var images = IdxFiles.Read(settings.Data, "train", settings.Rows);
        var testImages = IdxFiles.Read(settings.Data, "t10k", settings.TestRows);
        return new($"Fashion-MNIST, {settings.Rows} rows", ToRows(images), ToRows(testImages), Image.ClassNames,
            id => new RowPicture(Image.Side, Image.Side, 1, images[int.Parse(id, CultureInfo.InvariantCulture)].Gray));

        TrainingRows ToRows(IEnumerable<Image> list) =>
            TrainingRows.FromDataView(new MLContext(settings.Seed).Data.LoadFromEnumerable(list.Select(ImageRow.From)));
    }

    public override ITrainingRecipe Recipe(StudySettings settings, StudyData data) =>
        new TorchRecipe(TorchArchitecture.SmallCnn(1, Image.Side, Image.Side, Image.ClassNames.Length)) { Stack = settings.Stack, Device = TorchDevice.Cpu };
}
