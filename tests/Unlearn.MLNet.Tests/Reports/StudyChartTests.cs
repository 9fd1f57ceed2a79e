using System.Xml.Linq;
using Xunit;

namespace Unlearn.MLNet.Tests.Reports;

public sealed class StudyChartTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private static XElement Parse(string chart) => XDocument.Parse(chart).Root!;

    [Fact]
    public void EachFileIsOneDescribedImage()
    {
        var study = StudyFixture.Study();
        Assert.All([Parse(StudyFiles.RenderAuc(study)), Parse(StudyFiles.RenderTransfer(study.Agreement!))], chart =>
        {
            Assert.Equal(Svg + "svg", chart.Name);
            Assert.Equal($"0 0 {chart.Attribute("width")!.Value} {chart.Attribute("height")!.Value}", chart.Attribute("viewBox")!.Value);
            Assert.NotEmpty(chart.Element(Svg + "title")!.Value);
            Assert.NotEmpty(chart.Element(Svg + "desc")!.Value);
            Assert.DoesNotContain("NaN", chart.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("href", chart.ToString(), StringComparison.Ordinal);
        });
    }

    [Fact]
    public void ALongNameHasRoomBesideTheBars()
    {
        const string Name = "An unlearner of a very long name";
        var study = StudyFixture.Study();
        var chart = Parse(StudyFiles.RenderAuc(study with { Unlearners = [study.Unlearners[0] with { Name = Name }, .. study.Unlearners.Skip(1)] }));
        var label = Assert.Single(chart.Descendants(Svg + "text"), text => text.Value == Name);
        Assert.True(double.Parse(label.Attribute("x")!.Value, System.Globalization.CultureInfo.InvariantCulture) >= 7 * Name.Length);
    }

    [Fact]
    public void AMatrixShowsEachOfItsValuesUnderItsNames()
    {
        AucEstimate Of(double auc) => new() { Value = auc, Low = auc - 0.01, High = auc + 0.01 };
        var chart = Parse(StudyFiles.RenderTransfer("between <two> sets",
            new TransferMatrix { Names = ["cats", "dogs & a long name of a data set"], Auc = [[Of(0.9), Of(0.7)], [Of(0.8), Of(0.95)]] }));
        string[] texts = [.. chart.Descendants(Svg + "text").Select(text => text.Value.Trim())];
        Assert.Equal("between <two> sets", chart.Element(Svg + "title")!.Value);
        Assert.Equal(["0.900", "0.700", "0.800", "0.950"], texts.Where(text => text.StartsWith("0.", StringComparison.Ordinal) && text.Length == 5));
        Assert.Equal(2, texts.Count(text => text == "cats"));
        var cells = chart.Descendants(Svg + "rect").Where(cell => cell.Attribute("rx") is not null).ToList();
        Assert.True(double.Parse(cells[1].Attribute("x")!.Value, System.Globalization.CultureInfo.InvariantCulture) - double.Parse(
            cells[0].Attribute("x")!.Value, System.Globalization.CultureInfo.InvariantCulture) >= 8 * 32);
    }
}
