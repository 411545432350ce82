/** What one would write in ten minutes: words looked for anywhere, no scope. */

const complaining = [
  ...["差", "慢", "难吃", "退", "投诉", "坏", "错", "失望", "垃圾", "没", "不"],
];
const praising = ["好", "快", "赞", "喜欢", "满意", "不错", "推荐", "谢谢"];

/** By the words of a subject that are in the text most often. */
const subjects: Readonly<Record<string, readonly string[]>> = {
  劳动和社会保障: ["社保", "工资", "劳动", "退休", "公积金", "就业"],
  城乡建设: ["小区", "物业", "拆迁", "房", "施工", "建设"],
  教育文体: ["学校", "教师", "学生", "教育", "培训", "孩子"],
  卫生计生: ["医院", "医生", "卫生", "生育", "医疗", "药"],
  交通运输: ["出租车", "公交", "快递", "交通", "司机", "车"],
  环境保护: ["污染", "噪音", "环保", "臭", "排放", "垃圾"],
  商贸旅游: ["旅游", "商家", "消费", "市场", "电梯", "价格"],
};

const countOf = (text: string, words: readonly string[]): number =>
  words.reduce((sum, word) => sum + text.split(word).length - 1, 0);

export function naivePolarity(text: string): string {
  const balance = countOf(text, praising) - countOf(text, complaining);
  return balance > 0 ? "satisfied" : "complaint";
}

export function naiveCategory(text: string): string {
  return countOf(text, complaining) > 0 ? "complaint" : "satisfied";
}

export function naiveSubject(text: string): string {
  const found = Object.entries(subjects).map(
    ([name, words]) => [name, countOf(text, words)] as const,
  );
  found.sort((a, b) => b[1] - a[1]);
  return found[0]?.[0] ?? "";
}
